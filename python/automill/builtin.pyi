"""Written by scripts/make_python_stub.py; do not edit."""
from typing import Any, Callable, Sequence

from .components import DeclaredComponent, Learner, Transformer
from .sklearn_shape import ClassifierShape, RegressorShape

__all__: list[str]

def class_name(registered: str) -> str: ...

class Baseline(DeclaredComponent, Learner):
    statistic: str
    def __init__(self, *, statistic: str = ...) -> None: ...

class DecisionTree(DeclaredComponent, Learner):
    max_leaf_nodes: int | None
    max_depth: int
    min_samples_split: int
    min_samples_leaf: int
    ccp_alpha: float | None
    pruning: str
    prior_weight: float
    max_bin: int
    def __init__(self, *, max_leaf_nodes: int | None = ..., max_depth: int = ..., min_samples_split: int = ..., min_samples_leaf: int = ..., ccp_alpha: float | None = ..., pruning: str = ..., prior_weight: float = ..., max_bin: int = ...) -> None: ...

class ElasticNet(DeclaredComponent, Learner):
    alpha: float | None
    l1_ratio: float
    standardize: bool
    n_alphas: int
    eps: float
    tolerance: float
    def __init__(self, *, alpha: float | None = ..., l1_ratio: float = ..., standardize: bool = ..., n_alphas: int = ..., eps: float = ..., tolerance: float = ...) -> None: ...

class ExplainableBoosting(DeclaredComponent, Learner):
    max_bin: int
    max_interaction_bins: int
    interactions: int | None
    outer_bags: int
    validation_size: float
    learning_rate: float | None
    max_leaves: int
    min_samples_leaf: int
    min_hessian: float
    reg_lambda: float
    max_rounds: int
    smoothing_rounds: int | None
    interaction_smoothing_rounds: int | None
    greedy_rounds: int
    early_stopping_rounds: int
    early_stopping_tolerance: float
    cat_smooth: float
    min_cat_samples: int
    monotone_constraints: list[Any] | dict[str, Any] | None
    objective: str | Callable[..., Any]
    def __init__(self, *, max_bin: int = ..., max_interaction_bins: int = ..., interactions: int | None = ..., outer_bags: int = ..., validation_size: float = ..., learning_rate: float | None = ..., max_leaves: int = ..., min_samples_leaf: int = ..., min_hessian: float = ..., reg_lambda: float = ..., max_rounds: int = ..., smoothing_rounds: int | None = ..., interaction_smoothing_rounds: int | None = ..., greedy_rounds: int = ..., early_stopping_rounds: int = ..., early_stopping_tolerance: float = ..., cat_smooth: float = ..., min_cat_samples: int = ..., monotone_constraints: list[Any] | dict[str, Any] | None = ..., objective: str | Callable[..., Any] = ...) -> None: ...

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

class GaussianProcess(DeclaredComponent, Learner):
    kernel: str
    relevance: bool | None
    length_scale: float | None
    signal: float | None
    noise: float | None
    restarts: int
    max_rows: int | None
    quantiles: list[Any] | dict[str, Any] | None
    def __init__(self, *, kernel: str = ..., relevance: bool | None = ..., length_scale: float | None = ..., signal: float | None = ..., noise: float | None = ..., restarts: int = ..., max_rows: int | None = ..., quantiles: list[Any] | dict[str, Any] | None = ...) -> None: ...

class GeneralizedLinear(DeclaredComponent, Learner):
    objective: str | Callable[..., Any]
    alpha: float | None
    epsilon: float
    tweedie_variance_power: float
    standardize: bool
    tolerance: float
    max_iterations: int
    def __init__(self, *, objective: str | Callable[..., Any] = ..., alpha: float | None = ..., epsilon: float = ..., tweedie_variance_power: float = ..., standardize: bool = ..., tolerance: float = ..., max_iterations: int = ...) -> None: ...

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

class KernelRidge(DeclaredComponent, Learner):
    kernel: str
    length_scale: float | None
    alpha: float | None
    landmarks: int | None
    def __init__(self, *, kernel: str = ..., length_scale: float | None = ..., alpha: float | None = ..., landmarks: int | None = ...) -> None: ...

class LinearDiscriminant(DeclaredComponent, Learner):
    shrinkage: float | None
    priors: str
    standardize: bool
    def __init__(self, *, shrinkage: float | None = ..., priors: str = ..., standardize: bool = ...) -> None: ...

class LinearSVM(DeclaredComponent, Learner):
    loss: str | None
    C: float
    epsilon: float
    fit_intercept: bool
    standardize: bool
    tolerance: float
    max_iterations: int
    def __init__(self, *, loss: str | None = ..., C: float = ..., epsilon: float = ..., fit_intercept: bool = ..., standardize: bool = ..., tolerance: float = ..., max_iterations: int = ...) -> None: ...

class Logistic(DeclaredComponent, Learner):
    c: float | None
    standardize: bool
    tolerance: float
    max_iterations: int
    def __init__(self, *, c: float | None = ..., standardize: bool = ..., tolerance: float = ..., max_iterations: int = ...) -> None: ...

class NaiveBayes(DeclaredComponent, Learner):
    kind: str
    numbers: str
    alpha: float
    var_smoothing: float
    bins: int
    binarize: float
    fit_prior: bool
    norm: bool
    def __init__(self, *, kind: str = ..., numbers: str = ..., alpha: float = ..., var_smoothing: float = ..., bins: int = ..., binarize: float = ..., fit_prior: bool = ..., norm: bool = ...) -> None: ...

class Neighbors(DeclaredComponent, Learner):
    n_neighbors: int | None
    weights: str
    standardize: bool
    column_weights: list[Any] | dict[str, Any] | None
    prior_weight: float
    def __init__(self, *, n_neighbors: int | None = ..., weights: str = ..., standardize: bool = ..., column_weights: list[Any] | dict[str, Any] | None = ..., prior_weight: float = ...) -> None: ...

class QuadraticDiscriminant(DeclaredComponent, Learner):
    shrinkage: float | None
    priors: str
    standardize: bool
    def __init__(self, *, shrinkage: float | None = ..., priors: str = ..., standardize: bool = ...) -> None: ...

class QuantileRegression(DeclaredComponent, Learner):
    quantile: float
    quantiles: list[Any] | dict[str, Any] | None
    alpha: float
    penalty: str
    standardize: bool
    tolerance: float
    max_iterations: int
    def __init__(self, *, quantile: float = ..., quantiles: list[Any] | dict[str, Any] | None = ..., alpha: float = ..., penalty: str = ..., standardize: bool = ..., tolerance: float = ..., max_iterations: int = ...) -> None: ...

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

class RealMLP(DeclaredComponent, Learner):
    hidden_layers: int
    hidden_width: int
    activation: str
    learning_rate: float | None
    dropout: float
    weight_decay: float
    label_smoothing: float
    n_epochs: int | None
    batch_size: int | None
    beta2: float
    first_layer_lr_factor: float
    scale_lr_factor: float
    embedding_lr_factor: float
    frequencies: int
    embedding_width: int
    frequency_scale: float
    max_one_hot: int
    category_width: int
    n_ens: int
    early_stopping: bool
    def __init__(self, *, hidden_layers: int = ..., hidden_width: int = ..., activation: str = ..., learning_rate: float | None = ..., dropout: float = ..., weight_decay: float = ..., label_smoothing: float = ..., n_epochs: int | None = ..., batch_size: int | None = ..., beta2: float = ..., first_layer_lr_factor: float = ..., scale_lr_factor: float = ..., embedding_lr_factor: float = ..., frequencies: int = ..., embedding_width: int = ..., frequency_scale: float = ..., max_one_hot: int = ..., category_width: int = ..., n_ens: int = ..., early_stopping: bool = ...) -> None: ...

class Ridge(DeclaredComponent, Learner):
    alpha: float | None
    standardize: bool
    def __init__(self, *, alpha: float | None = ..., standardize: bool = ...) -> None: ...

class Stacking(DeclaredComponent, Learner):
    estimators: list[Any] | dict[str, Any] | Sequence[Learner | tuple[str, Learner]] | None
    final_estimator: list[Any] | dict[str, Any] | Learner | None
    folds: int
    passthrough: bool
    def __init__(self, *, estimators: list[Any] | dict[str, Any] | Sequence[Learner | tuple[str, Learner]] | None = ..., final_estimator: list[Any] | dict[str, Any] | Learner | None = ..., folds: int = ..., passthrough: bool = ...) -> None: ...

class TransformedTarget(DeclaredComponent, Learner):
    estimator: list[Any] | dict[str, Any] | Learner | None
    method: str
    smearing: bool
    def __init__(self, *, estimator: list[Any] | dict[str, Any] | Learner | None = ..., method: str = ..., smearing: bool = ...) -> None: ...

class Bins(DeclaredComponent, Transformer):
    bins: int
    method: str
    encode: str
    def __init__(self, *, bins: int = ..., method: str = ..., encode: str = ...) -> None: ...

class Clean(DeclaredComponent, Transformer):
    infinite: str
    def __init__(self, *, infinite: str = ...) -> None: ...

class CountEncoder(DeclaredComponent, Transformer):
    value: str
    keep: bool
    def __init__(self, *, value: str = ..., keep: bool = ...) -> None: ...

class DatetimeDifferences(DeclaredComponent, Transformer):
    max_pairs: int
    drop_constant: bool
    def __init__(self, *, max_pairs: int = ..., drop_constant: bool = ...) -> None: ...

class DatetimeParts(DeclaredComponent, Transformer):
    drop_constant: bool
    keep: bool
    cycles: bool
    details: bool
    def __init__(self, *, drop_constant: bool = ..., keep: bool = ..., cycles: bool = ..., details: bool = ...) -> None: ...

class Drop(DeclaredComponent, Transformer):
    columns: str
    kinds: str
    def __init__(self, *, columns: str = ..., kinds: str = ...) -> None: ...

class GenerateFeatures(DeclaredComponent, Transformer):
    max_features: int | None
    max_candidates: int
    max_rows: int
    order: int
    arithmetic: bool
    groups: bool
    crosses: bool
    chance: float
    folds: int
    validate: bool
    def __init__(self, *, max_features: int | None = ..., max_candidates: int = ..., max_rows: int = ..., order: int = ..., arithmetic: bool = ..., groups: bool = ..., crosses: bool = ..., chance: float = ..., folds: int = ..., validate: bool = ...) -> None: ...

class HashEncoder(DeclaredComponent, Transformer):
    bits: int
    missing_as_category: bool
    def __init__(self, *, bits: int = ..., missing_as_category: bool = ...) -> None: ...

class Impute(DeclaredComponent, Transformer):
    numeric: str
    fill_value: float
    categorical: str
    indicators: str
    def __init__(self, *, numeric: str = ..., fill_value: float = ..., categorical: str = ..., indicators: str = ...) -> None: ...

class IterativeImpute(DeclaredComponent, Transformer):
    rounds: int
    ridge: float
    max_columns: int
    indicators: str
    def __init__(self, *, rounds: int = ..., ridge: float = ..., max_columns: int = ..., indicators: str = ...) -> None: ...

class MergeCategories(DeclaredComponent, Transformer):
    ignore_case: bool
    ignore_blanks: bool
    def __init__(self, *, ignore_case: bool = ..., ignore_blanks: bool = ...) -> None: ...

class MinHashEncoder(DeclaredComponent, Transformer):
    components: int
    ngram_min: int
    ngram_max: int
    columns_from: int
    def __init__(self, *, components: int = ..., ngram_min: int = ..., ngram_max: int = ..., columns_from: int = ...) -> None: ...

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

class ParseText(DeclaredComponent, Transformer):
    least_share: float
    booleans: bool
    def __init__(self, *, least_share: float = ..., booleans: bool = ...) -> None: ...

class PiecewiseLinear(DeclaredComponent, Transformer):
    bins: int
    method: str
    min_rows: float
    beyond: str
    def __init__(self, *, bins: int = ..., method: str = ..., min_rows: float = ..., beyond: str = ...) -> None: ...

class QuantileNormal(DeclaredComponent, Transformer):
    output: str
    quantiles: int
    def __init__(self, *, output: str = ..., quantiles: int = ...) -> None: ...

class RareCategories(DeclaredComponent, Transformer):
    min_count: float
    max_categories: int
    def __init__(self, *, min_count: float = ..., max_categories: int = ...) -> None: ...

class RowStatistics(DeclaredComponent, Transformer):
    statistics: str
    def __init__(self, *, statistics: str = ...) -> None: ...

class Scale(DeclaredComponent, Transformer):
    method: str
    clip: bool
    def __init__(self, *, method: str = ..., clip: bool = ...) -> None: ...

class SelectFeatures(DeclaredComponent, Transformer):
    method: str
    max_features: int | None
    max_correlation: float
    fits: int
    max_rows: int
    def __init__(self, *, method: str = ..., max_features: int | None = ..., max_correlation: float = ..., fits: int = ..., max_rows: int = ...) -> None: ...

class Spline(DeclaredComponent, Transformer):
    knots: int
    degree: int
    placement: str
    extrapolation: str
    include_bias: bool
    def __init__(self, *, knots: int = ..., degree: int = ..., placement: str = ..., extrapolation: str = ..., include_bias: bool = ...) -> None: ...

class TablePreparer(DeclaredComponent, Transformer):
    for_family: str
    generate: bool
    def __init__(self, *, for_family: str = ..., generate: bool = ...) -> None: ...
    def report(self) -> dict[str, list[dict[str, Any]]]: ...

class TargetEncoder(DeclaredComponent, Transformer):
    scheme: str
    folds: int
    smoothing: float | None
    columns_from: int
    keep: bool
    def __init__(self, *, scheme: str = ..., folds: int = ..., smoothing: float | None = ..., columns_from: int = ..., keep: bool = ...) -> None: ...

class TextCategory(DeclaredComponent, Transformer):
    min_count: float
    def __init__(self, *, min_count: float = ...) -> None: ...

class TextStatistics(DeclaredComponent, Transformer):
    symbols: bool
    min_share: float
    def __init__(self, *, symbols: bool = ..., min_share: float = ...) -> None: ...

class TfIdf(DeclaredComponent, Transformer):
    word_ngrams: int
    char_ngrams: int
    min_char_ngrams: int
    min_word_length: int
    lowercase: bool
    min_df: float
    max_df: float
    max_features: int
    selection: str
    sublinear_tf: bool
    use_idf: bool
    smooth_idf: bool
    l2_norm: bool
    naive_bayes: bool
    def __init__(self, *, word_ngrams: int = ..., char_ngrams: int = ..., min_char_ngrams: int = ..., min_word_length: int = ..., lowercase: bool = ..., min_df: float = ..., max_df: float = ..., max_features: int = ..., selection: str = ..., sublinear_tf: bool = ..., use_idf: bool = ..., smooth_idf: bool = ..., l2_norm: bool = ..., naive_bayes: bool = ...) -> None: ...

class TruncatedSvd(DeclaredComponent, Transformer):
    components: int
    iterations: int
    oversampling: int
    def __init__(self, *, components: int = ..., iterations: int = ..., oversampling: int = ...) -> None: ...

class Winsorize(DeclaredComponent, Transformer):
    lower: float
    upper: float
    def __init__(self, *, lower: float = ..., upper: float = ...) -> None: ...

class YeoJohnson(DeclaredComponent, Transformer):
    standardize: bool
    def __init__(self, *, standardize: bool = ...) -> None: ...

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

class RealMLPClassifier(ClassifierShape, DeclaredComponent, Learner):
    hidden_layers: int
    hidden_width: int
    activation: str
    learning_rate: float | None
    dropout: float
    weight_decay: float
    label_smoothing: float
    n_epochs: int | None
    batch_size: int | None
    beta2: float
    first_layer_lr_factor: float
    scale_lr_factor: float
    embedding_lr_factor: float
    frequencies: int
    embedding_width: int
    frequency_scale: float
    max_one_hot: int
    category_width: int
    n_ens: int
    early_stopping: bool
    n_jobs: int | None
    random_state: int | None
    def __init__(self, *, hidden_layers: int = ..., hidden_width: int = ..., activation: str = ..., learning_rate: float | None = ..., dropout: float = ..., weight_decay: float = ..., label_smoothing: float = ..., n_epochs: int | None = ..., batch_size: int | None = ..., beta2: float = ..., first_layer_lr_factor: float = ..., scale_lr_factor: float = ..., embedding_lr_factor: float = ..., frequencies: int = ..., embedding_width: int = ..., frequency_scale: float = ..., max_one_hot: int = ..., category_width: int = ..., n_ens: int = ..., early_stopping: bool = ..., n_jobs: int | None = ..., random_state: int | None = ...) -> None: ...
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any: ...  # type: ignore[override]

class RealMLPRegressor(RegressorShape, DeclaredComponent, Learner):
    hidden_layers: int
    hidden_width: int
    activation: str
    learning_rate: float | None
    dropout: float
    weight_decay: float
    label_smoothing: float
    n_epochs: int | None
    batch_size: int | None
    beta2: float
    first_layer_lr_factor: float
    scale_lr_factor: float
    embedding_lr_factor: float
    frequencies: int
    embedding_width: int
    frequency_scale: float
    max_one_hot: int
    category_width: int
    n_ens: int
    early_stopping: bool
    n_jobs: int | None
    random_state: int | None
    def __init__(self, *, hidden_layers: int = ..., hidden_width: int = ..., activation: str = ..., learning_rate: float | None = ..., dropout: float = ..., weight_decay: float = ..., label_smoothing: float = ..., n_epochs: int | None = ..., batch_size: int | None = ..., beta2: float = ..., first_layer_lr_factor: float = ..., scale_lr_factor: float = ..., embedding_lr_factor: float = ..., frequencies: int = ..., embedding_width: int = ..., frequency_scale: float = ..., max_one_hot: int = ..., category_width: int = ..., n_ens: int = ..., early_stopping: bool = ..., n_jobs: int | None = ..., random_state: int | None = ...) -> None: ...
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any: ...  # type: ignore[override]

class EBMClassifier(ClassifierShape, DeclaredComponent, Learner):
    max_bin: int
    max_interaction_bins: int
    interactions: int | None
    outer_bags: int
    validation_size: float
    learning_rate: float | None
    max_leaves: int
    min_samples_leaf: int
    min_hessian: float
    reg_lambda: float
    max_rounds: int
    smoothing_rounds: int | None
    interaction_smoothing_rounds: int | None
    greedy_rounds: int
    early_stopping_rounds: int
    early_stopping_tolerance: float
    cat_smooth: float
    min_cat_samples: int
    monotone_constraints: list[Any] | dict[str, Any] | None
    objective: str | Callable[..., Any]
    n_jobs: int | None
    random_state: int | None
    def __init__(self, *, max_bin: int = ..., max_interaction_bins: int = ..., interactions: int | None = ..., outer_bags: int = ..., validation_size: float = ..., learning_rate: float | None = ..., max_leaves: int = ..., min_samples_leaf: int = ..., min_hessian: float = ..., reg_lambda: float = ..., max_rounds: int = ..., smoothing_rounds: int | None = ..., interaction_smoothing_rounds: int | None = ..., greedy_rounds: int = ..., early_stopping_rounds: int = ..., early_stopping_tolerance: float = ..., cat_smooth: float = ..., min_cat_samples: int = ..., monotone_constraints: list[Any] | dict[str, Any] | None = ..., objective: str | Callable[..., Any] = ..., n_jobs: int | None = ..., random_state: int | None = ...) -> None: ...
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any: ...  # type: ignore[override]

class EBMRegressor(RegressorShape, DeclaredComponent, Learner):
    max_bin: int
    max_interaction_bins: int
    interactions: int | None
    outer_bags: int
    validation_size: float
    learning_rate: float | None
    max_leaves: int
    min_samples_leaf: int
    min_hessian: float
    reg_lambda: float
    max_rounds: int
    smoothing_rounds: int | None
    interaction_smoothing_rounds: int | None
    greedy_rounds: int
    early_stopping_rounds: int
    early_stopping_tolerance: float
    cat_smooth: float
    min_cat_samples: int
    monotone_constraints: list[Any] | dict[str, Any] | None
    objective: str | Callable[..., Any]
    n_jobs: int | None
    random_state: int | None
    def __init__(self, *, max_bin: int = ..., max_interaction_bins: int = ..., interactions: int | None = ..., outer_bags: int = ..., validation_size: float = ..., learning_rate: float | None = ..., max_leaves: int = ..., min_samples_leaf: int = ..., min_hessian: float = ..., reg_lambda: float = ..., max_rounds: int = ..., smoothing_rounds: int | None = ..., interaction_smoothing_rounds: int | None = ..., greedy_rounds: int = ..., early_stopping_rounds: int = ..., early_stopping_tolerance: float = ..., cat_smooth: float = ..., min_cat_samples: int = ..., monotone_constraints: list[Any] | dict[str, Any] | None = ..., objective: str | Callable[..., Any] = ..., n_jobs: int | None = ..., random_state: int | None = ...) -> None: ...
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any: ...  # type: ignore[override]

class DecisionTreeClassifier(ClassifierShape, DeclaredComponent, Learner):
    max_leaf_nodes: int | None
    max_depth: int
    min_samples_split: int
    min_samples_leaf: int
    ccp_alpha: float | None
    pruning: str
    prior_weight: float
    max_bin: int
    n_jobs: int | None
    random_state: int | None
    def __init__(self, *, max_leaf_nodes: int | None = ..., max_depth: int = ..., min_samples_split: int = ..., min_samples_leaf: int = ..., ccp_alpha: float | None = ..., pruning: str = ..., prior_weight: float = ..., max_bin: int = ..., n_jobs: int | None = ..., random_state: int | None = ...) -> None: ...
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any: ...  # type: ignore[override]

class DecisionTreeRegressor(RegressorShape, DeclaredComponent, Learner):
    max_leaf_nodes: int | None
    max_depth: int
    min_samples_split: int
    min_samples_leaf: int
    ccp_alpha: float | None
    pruning: str
    prior_weight: float
    max_bin: int
    n_jobs: int | None
    random_state: int | None
    def __init__(self, *, max_leaf_nodes: int | None = ..., max_depth: int = ..., min_samples_split: int = ..., min_samples_leaf: int = ..., ccp_alpha: float | None = ..., pruning: str = ..., prior_weight: float = ..., max_bin: int = ..., n_jobs: int | None = ..., random_state: int | None = ...) -> None: ...
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any: ...  # type: ignore[override]

class StackingClassifier(ClassifierShape, DeclaredComponent, Learner):
    estimators: list[Any] | dict[str, Any] | Sequence[Learner | tuple[str, Learner]] | None
    final_estimator: list[Any] | dict[str, Any] | Learner | None
    folds: int
    passthrough: bool
    n_jobs: int | None
    random_state: int | None
    def __init__(self, *, estimators: list[Any] | dict[str, Any] | Sequence[Learner | tuple[str, Learner]] | None = ..., final_estimator: list[Any] | dict[str, Any] | Learner | None = ..., folds: int = ..., passthrough: bool = ..., n_jobs: int | None = ..., random_state: int | None = ...) -> None: ...
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any: ...  # type: ignore[override]

class StackingRegressor(RegressorShape, DeclaredComponent, Learner):
    estimators: list[Any] | dict[str, Any] | Sequence[Learner | tuple[str, Learner]] | None
    final_estimator: list[Any] | dict[str, Any] | Learner | None
    folds: int
    passthrough: bool
    n_jobs: int | None
    random_state: int | None
    def __init__(self, *, estimators: list[Any] | dict[str, Any] | Sequence[Learner | tuple[str, Learner]] | None = ..., final_estimator: list[Any] | dict[str, Any] | Learner | None = ..., folds: int = ..., passthrough: bool = ..., n_jobs: int | None = ..., random_state: int | None = ...) -> None: ...
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any: ...  # type: ignore[override]
