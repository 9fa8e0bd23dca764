"""Optimisers behind one shape: `ask()` -> (ticket, parameters), `tell(ticket, score)`, and `add` for trials from elsewhere."""
from __future__ import annotations

from typing import Any, Callable, Union


class AutoMill:
    """A strategy of automill.Optimizer."""

    def __init__(self, space: dict[str, Any], seed: int, strategy: str) -> None:
        import automill

        self._optimizer = automill.Optimizer(space, strategy=strategy, seed=seed)

    def ask(self) -> tuple[Any, dict[str, Any]]:
        trial = self._optimizer.ask()
        return trial, trial.parameters

    def tell(self, ticket: Any, score: float) -> None:
        self._optimizer.tell(ticket, score)

    def add(self, trials: list[tuple[dict[str, Any], float]]) -> None:
        for parameters, score in trials:
            self._optimizer.add(parameters, score)


class Optuna:
    """A sampler of Optuna with its defaults."""

    def __init__(self, space: dict[str, Any], seed: int, sampler: str) -> None:
        import warnings

        import optuna

        warnings.simplefilter("ignore")
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        if sampler == "gp":
            import torch

            torch.set_num_threads(1)
        samplers: dict[str, Callable[[], Any]] = {
            "tpe": lambda: optuna.samplers.TPESampler(seed=seed),
            "tpe_multivariate": lambda: optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True),
            "gp": lambda: optuna.samplers.GPSampler(seed=seed),
        }
        self._space = space
        self._study = optuna.create_study(sampler=samplers[sampler]())

    def ask(self) -> tuple[Any, dict[str, Any]]:
        trial = self._study.ask()
        parameters: dict[str, Any] = {}
        for name, parameter in self._space.items():
            if all(parameters.get(asked) == value for asked, value in parameter.get("when", {}).items()):
                parameters[name] = self._suggest(trial, name, parameter)
        return trial, parameters

    @staticmethod
    def _suggest(trial: Any, name: str, parameter: dict[str, Any]) -> Any:
        if parameter["type"] == "categorical":
            return trial.suggest_categorical(name, parameter["choices"])
        suggest = trial.suggest_int if parameter["type"] == "int" else trial.suggest_float
        return suggest(name, parameter["low"], parameter["high"], log=parameter.get("log", False))

    def tell(self, ticket: Any, score: float) -> None:
        self._study.tell(ticket, score)

    def add(self, trials: list[tuple[dict[str, Any], float]]) -> None:
        import optuna

        ranges = {name: optuna.distributions.FloatDistribution(each["low"], each["high"]) for name, each in self._space.items()}
        for parameters, score in trials:
            self._study.add_trial(optuna.trial.create_trial(params=parameters, distributions=ranges, value=score))


Method = Union[AutoMill, Optuna]


def method(name: str, space: dict[str, Any], seed: int) -> Method:
    """By name: "automill", "automill_tpe", "automill_sobol", "automill_random", "optuna_tpe", "optuna_gp", ..."""
    library, _, kind = name.partition("_")
    return Optuna(space, seed, kind) if library == "optuna" else AutoMill(space, seed, kind or "bayesian")
