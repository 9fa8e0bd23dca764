"""Written by scripts/make_python_stub.py; do not edit."""
from typing import Any, Callable

from .components import DeclaredComponent, Learner, Transformer
from .sklearn_shape import ClassifierShape, RegressorShape

__all__: list[str]

def class_name(registered: str) -> str: ...

class Baseline(DeclaredComponent, Learner):
    statistic: str
    def __init__(self, *, statistic: str = ...) -> None: ...

class ExtraTrees(DeclaredComponent, Learner):
    n_estimators: int
    max_depth: int
    min_samples_split: int
    min_samples_leaf: int
    max_leaf_nodes: int | None
    max_features: float | None
    bootstrap: bool
    max_samples: float | None
    prior_weight: float
    max_bin: int
    def __init__(self, *, n_estimators: int = ..., max_depth: int = ..., min_samples_split: int = ..., min_samples_leaf: int = ..., max_leaf_nodes: int | None = ..., max_features: float | None = ..., bootstrap: bool = ..., max_samples: float | None = ..., prior_weight: float = ..., max_bin: int = ...) -> None: ...

class GradientBoosting(DeclaredComponent, Learner):
    n_estimators: int
    num_leaves: int
    max_depth: int
    learning_rate: float | None
    min_child_samples: int
    min_child_weight: float
    subsample: float
    subsample_freq: int
    data_sample_strategy: str
    top_rate: float
    other_rate: float
    colsample_bytree: float
    colsample_bynode: float
    reg_alpha: float
    reg_lambda: float
    min_split_gain: float
    max_bin: int
    growth: str
    multi_strategy: str
    random_strength: float | None
    max_crossed_categories: int
    leaf_iterations: int | None
    extra_trees: bool
    path_smooth: float
    max_delta_step: float
    linear_tree: bool
    linear_lambda: float
    monotone_constraints: list[Any] | dict[str, Any] | None
    monotone_constraints_method: str
    interaction_constraints: list[Any] | dict[str, Any] | None
    cat_smooth: float
    cat_l2: float
    max_cat_threshold: int
    max_cat_to_onehot: int
    min_data_per_group: int
    early_stopping_rounds: int | None
    objective: str | Callable[..., Any]
    alpha: float
    quantiles: list[Any] | dict[str, Any] | None
    fair_c: float
    tweedie_variance_power: float
    def __init__(self, *, n_estimators: int = ..., num_leaves: int = ..., max_depth: int = ..., learning_rate: float | None = ..., min_child_samples: int = ..., min_child_weight: float = ..., subsample: float = ..., subsample_freq: int = ..., data_sample_strategy: str = ..., top_rate: float = ..., other_rate: float = ..., colsample_bytree: float = ..., colsample_bynode: float = ..., reg_alpha: float = ..., reg_lambda: float = ..., min_split_gain: float = ..., max_bin: int = ..., growth: str = ..., multi_strategy: str = ..., random_strength: float | None = ..., max_crossed_categories: int = ..., leaf_iterations: int | None = ..., extra_trees: bool = ..., path_smooth: float = ..., max_delta_step: float = ..., linear_tree: bool = ..., linear_lambda: float = ..., monotone_constraints: list[Any] | dict[str, Any] | None = ..., monotone_constraints_method: str = ..., interaction_constraints: list[Any] | dict[str, Any] | None = ..., cat_smooth: float = ..., cat_l2: float = ..., max_cat_threshold: int = ..., max_cat_to_onehot: int = ..., min_data_per_group: int = ..., early_stopping_rounds: int | None = ..., objective: str | Callable[..., Any] = ..., alpha: float = ..., quantiles: list[Any] | dict[str, Any] | None = ..., fair_c: float = ..., tweedie_variance_power: float = ...) -> None: ...
    @classmethod
    def symmetric(cls, **parameters: Any) -> Any: ...

class Logistic(DeclaredComponent, Learner):
    c: float | None
    standardize: bool
    tolerance: float
    max_iterations: int
    def __init__(self, *, c: float | None = ..., standardize: bool = ..., tolerance: float = ..., max_iterations: int = ...) -> None: ...

class RandomForest(DeclaredComponent, Learner):
    n_estimators: int
    max_depth: int
    min_samples_split: int
    min_samples_leaf: int
    max_leaf_nodes: int | None
    max_features: float | None
    bootstrap: bool
    max_samples: float | None
    prior_weight: float
    max_bin: int
    def __init__(self, *, n_estimators: int = ..., max_depth: int = ..., min_samples_split: int = ..., min_samples_leaf: int = ..., max_leaf_nodes: int | None = ..., max_features: float | None = ..., bootstrap: bool = ..., max_samples: float | None = ..., prior_weight: float = ..., max_bin: int = ...) -> None: ...

class Ridge(DeclaredComponent, Learner):
    alpha: float | None
    standardize: bool
    def __init__(self, *, alpha: float | None = ..., standardize: bool = ...) -> None: ...

class DatetimeParts(DeclaredComponent, Transformer):
    drop_constant: bool
    keep: bool
    def __init__(self, *, drop_constant: bool = ..., keep: bool = ...) -> None: ...

class Drop(DeclaredComponent, Transformer):
    columns: str
    kinds: str
    def __init__(self, *, columns: str = ..., kinds: str = ...) -> None: ...

class Impute(DeclaredComponent, Transformer):
    numeric: str
    fill_value: float
    categorical: str
    indicators: str
    def __init__(self, *, numeric: str = ..., fill_value: float = ..., categorical: str = ..., indicators: str = ...) -> None: ...

class OneHot(DeclaredComponent, Transformer):
    max_categories: int
    min_count: float
    binary_as_one: bool
    missing: str
    unseen: str
    def __init__(self, *, max_categories: int = ..., min_count: float = ..., binary_as_one: bool = ..., missing: str = ..., unseen: str = ...) -> None: ...

class Ordinal(DeclaredComponent, Transformer):
    order: str
    def __init__(self, *, order: str = ...) -> None: ...

class Scale(DeclaredComponent, Transformer):
    method: str
    clip: bool
    def __init__(self, *, method: str = ..., clip: bool = ...) -> None: ...

class GradientBoostingClassifier(ClassifierShape, DeclaredComponent, Learner):
    n_estimators: int
    num_leaves: int
    max_depth: int
    learning_rate: float | None
    min_child_samples: int
    min_child_weight: float
    subsample: float
    subsample_freq: int
    data_sample_strategy: str
    top_rate: float
    other_rate: float
    colsample_bytree: float
    colsample_bynode: float
    reg_alpha: float
    reg_lambda: float
    min_split_gain: float
    max_bin: int
    growth: str
    multi_strategy: str
    random_strength: float | None
    max_crossed_categories: int
    leaf_iterations: int | None
    extra_trees: bool
    path_smooth: float
    max_delta_step: float
    linear_tree: bool
    linear_lambda: float
    monotone_constraints: list[Any] | dict[str, Any] | None
    monotone_constraints_method: str
    interaction_constraints: list[Any] | dict[str, Any] | None
    cat_smooth: float
    cat_l2: float
    max_cat_threshold: int
    max_cat_to_onehot: int
    min_data_per_group: int
    early_stopping_rounds: int | None
    objective: str | Callable[..., Any]
    alpha: float
    quantiles: list[Any] | dict[str, Any] | None
    fair_c: float
    tweedie_variance_power: float
    n_jobs: int | None
    random_state: int | None
    def __init__(self, *, n_estimators: int = ..., num_leaves: int = ..., max_depth: int = ..., learning_rate: float | None = ..., min_child_samples: int = ..., min_child_weight: float = ..., subsample: float = ..., subsample_freq: int = ..., data_sample_strategy: str = ..., top_rate: float = ..., other_rate: float = ..., colsample_bytree: float = ..., colsample_bynode: float = ..., reg_alpha: float = ..., reg_lambda: float = ..., min_split_gain: float = ..., max_bin: int = ..., growth: str = ..., multi_strategy: str = ..., random_strength: float | None = ..., max_crossed_categories: int = ..., leaf_iterations: int | None = ..., extra_trees: bool = ..., path_smooth: float = ..., max_delta_step: float = ..., linear_tree: bool = ..., linear_lambda: float = ..., monotone_constraints: list[Any] | dict[str, Any] | None = ..., monotone_constraints_method: str = ..., interaction_constraints: list[Any] | dict[str, Any] | None = ..., cat_smooth: float = ..., cat_l2: float = ..., max_cat_threshold: int = ..., max_cat_to_onehot: int = ..., min_data_per_group: int = ..., early_stopping_rounds: int | None = ..., objective: str | Callable[..., Any] = ..., alpha: float = ..., quantiles: list[Any] | dict[str, Any] | None = ..., fair_c: float = ..., tweedie_variance_power: float = ..., n_jobs: int | None = ..., random_state: int | None = ...) -> None: ...
    @classmethod
    def symmetric(cls, **parameters: Any) -> Any: ...
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any: ...  # type: ignore[override]

class GradientBoostingRegressor(RegressorShape, DeclaredComponent, Learner):
    n_estimators: int
    num_leaves: int
    max_depth: int
    learning_rate: float | None
    min_child_samples: int
    min_child_weight: float
    subsample: float
    subsample_freq: int
    data_sample_strategy: str
    top_rate: float
    other_rate: float
    colsample_bytree: float
    colsample_bynode: float
    reg_alpha: float
    reg_lambda: float
    min_split_gain: float
    max_bin: int
    growth: str
    multi_strategy: str
    random_strength: float | None
    max_crossed_categories: int
    leaf_iterations: int | None
    extra_trees: bool
    path_smooth: float
    max_delta_step: float
    linear_tree: bool
    linear_lambda: float
    monotone_constraints: list[Any] | dict[str, Any] | None
    monotone_constraints_method: str
    interaction_constraints: list[Any] | dict[str, Any] | None
    cat_smooth: float
    cat_l2: float
    max_cat_threshold: int
    max_cat_to_onehot: int
    min_data_per_group: int
    early_stopping_rounds: int | None
    objective: str | Callable[..., Any]
    alpha: float
    quantiles: list[Any] | dict[str, Any] | None
    fair_c: float
    tweedie_variance_power: float
    n_jobs: int | None
    random_state: int | None
    def __init__(self, *, n_estimators: int = ..., num_leaves: int = ..., max_depth: int = ..., learning_rate: float | None = ..., min_child_samples: int = ..., min_child_weight: float = ..., subsample: float = ..., subsample_freq: int = ..., data_sample_strategy: str = ..., top_rate: float = ..., other_rate: float = ..., colsample_bytree: float = ..., colsample_bynode: float = ..., reg_alpha: float = ..., reg_lambda: float = ..., min_split_gain: float = ..., max_bin: int = ..., growth: str = ..., multi_strategy: str = ..., random_strength: float | None = ..., max_crossed_categories: int = ..., leaf_iterations: int | None = ..., extra_trees: bool = ..., path_smooth: float = ..., max_delta_step: float = ..., linear_tree: bool = ..., linear_lambda: float = ..., monotone_constraints: list[Any] | dict[str, Any] | None = ..., monotone_constraints_method: str = ..., interaction_constraints: list[Any] | dict[str, Any] | None = ..., cat_smooth: float = ..., cat_l2: float = ..., max_cat_threshold: int = ..., max_cat_to_onehot: int = ..., min_data_per_group: int = ..., early_stopping_rounds: int | None = ..., objective: str | Callable[..., Any] = ..., alpha: float = ..., quantiles: list[Any] | dict[str, Any] | None = ..., fair_c: float = ..., tweedie_variance_power: float = ..., n_jobs: int | None = ..., random_state: int | None = ...) -> None: ...
    @classmethod
    def symmetric(cls, **parameters: Any) -> Any: ...
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any: ...  # type: ignore[override]
