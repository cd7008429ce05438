"""All models of this process, by name."""

from collections.abc import Callable, Sequence

from ai_engine.models.catalog import ModelSpec
from ai_engine.models.model import ModelError
from ai_engine.models.resident import Load, OnLost, Resident


class ModelRegistry:
    """Owns the models of one app; made and used on its event loop."""

    def __init__(
        self,
        specs: Sequence[ModelSpec],
        *,
        load: Load,
        monotonic: Callable[[], float],
        idle_s: float | None = None,
        on_lost: OnLost = lambda _spec, _why: None,
    ) -> None:
        self._models = {
            spec.name.lower(): Resident(spec, load, monotonic, idle_s, on_lost) for spec in specs
        }

    @property
    def all(self) -> list[Resident]:
        """Return them all."""
        return list(self._models.values())

    @property
    def needed(self) -> Resident | None:
        """The model that this process is for, if it is for one."""
        return next((one for one in self.all if one.spec.is_needed), None)

    @property
    def can_serve(self) -> bool:
        """Whether what the process is for is there."""
        return self.needed is None or self.needed.load_s is not None

    def find(self, name: object) -> Resident:
        """Return the model of that name, in any case; for no name the only one there is.

        Raises ``ModelError``.
        """
        if name is None and len(self._models) == 1:
            return self.all[0]
        if not isinstance(name, str):
            raise ModelError(400, '"model" is not a string that names a model.')
        found = self._models.get(name.lower())
        if found is None:
            known = ", ".join(one.spec.name for one in self.all)
            served = f"here are {known}" if known else "none is installed here"
            raise ModelError(404, f"There is no model {name!r}; {served}.", "model_not_found")
        return found
