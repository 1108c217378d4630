"""Binding: the values of one start, or of one call of a product action, held against the declared parameters.

Everything that is wrong is reported at once, in the order of the declarations. What can be said without waiting is said
first; patterns come last, because each is a question to a port. What follows from a problem isn't reported as another:
a default that needs a refused value isn't made.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from caboose.oos.names import resolve_name
from caboose.oos.parameters.constraints import pattern_fault, shown, violations
from caboose.oos.parameters.convert import ConversionError, convert
from caboose.oos.parameters.defaults import circle_message, circles, in_order, needed_by, secret_names
from caboose.oos.plan import Parameter
from caboose.oos.problems import MAX_PROBLEMS, Problem, did_you_mean
from caboose.oos.references import STORE, whole
from caboose.oos.selectors import Engine
from caboose.oos.values import EvaluationError, json_fault

MASKED = "******"

ResolveDefault = Callable[[str, Mapping[str, Any]], Awaitable[Any]]
"""Resolves the references in a text, given the parameters bound so far. May raise EvaluationError.

It is given texts, never maps: a function within a default is data.
"""


async def bind_parameters(
    declared: Mapping[str, Parameter],
    given: Mapping[str, Any],
    resolve_default: ResolveDefault,
    engine: Engine,
    path: str = "Parameters",
) -> tuple[dict[str, Any], list[Problem]]:
    """The value of every declared parameter, and everything that is wrong with those given.

    A parameter that has a problem has no value. A value that is one reference to the parameter store keeps it.

    Args:
        declared: the template's parameters by name.
        given: the values of the start; names match in any case.
        resolve_default: how references in defaults get values.
        engine: runs AllowedPattern.
        path: where the values were given.
    """
    binding = _Binding(declared, path)
    await binding.take(given, resolve_default)
    await binding.match(engine)
    return binding.values, binding.problems()


class _Binding:
    def __init__(self, declared: Mapping[str, Parameter], path: str) -> None:
        self.values: dict[str, Any] = {}
        self._declared = declared
        self._path = path
        self._needs: dict[str, list[str]] = {}
        self._secret: frozenset[str] = frozenset()
        self._full = False
        self._found: dict[str, list[Problem]] = {name: [] for name in declared}
        self._misnamed: list[Problem] = []

    def problems(self) -> list[Problem]:
        """Names that are none, then what is wrong in the order of the declarations; not without end."""
        return [*self._misnamed, *(each for found in self._found.values() for each in found)][:MAX_PROBLEMS]

    async def take(self, given: Mapping[str, Any], resolve_default: ResolveDefault) -> None:
        """Takes what is given, then makes the defaults of the others."""
        named = self._named(given)
        self._needs = {
            name: [need for need in needed_by(each) if need in self._declared]
            for name, each in self._declared.items()
            if name not in named
        }
        self._secret = frozenset(secret_names(self._declared, named))
        for name, value in named.items():
            self._give(self._declared[name], value)
        for name in in_order(self._needs):
            await self._default(self._declared[name], resolve_default)
        for circle in circles(self._needs):
            self._report(circle[0], "CircularDefault", circle_message(circle))

    async def match(self, engine: Engine) -> None:
        """Holds texts against their patterns; a default that is made of a text that doesn't match falls with it."""
        for name in list(self.values):
            parameter, value = self._declared[name], self.values[name]
            if any(each not in self.values for each in self._needs.get(name, ())):
                del self.values[name]
            elif parameter.allowed_pattern and isinstance(value, str):
                fault = await pattern_fault(parameter, value, engine, secret=name in self._secret)
                if fault:
                    del self.values[name]
                    self._refuse(parameter, fault)

    def _named(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What is given, by the names as they are declared."""
        named: dict[str, Any] = {}
        for given_name, value in given.items():
            if len(self._misnamed) >= MAX_PROBLEMS:
                break
            name = given_name if given_name in self._declared else resolve_name(given_name, self._declared)
            if name is None:
                hint = did_you_mean(given_name, self._declared) or _known(self._declared)
                message = f'the template has no parameter "{given_name}"'
                self._misnamed.append(Problem("UnknownParameter", message, self._path, hint=hint))
            elif name in named:
                message = f'the parameter "{name}" is given twice'
                self._misnamed.append(Problem("UnknownParameter", message, self._path))
            else:
                named[name] = value
        return named

    def _give(self, parameter: Parameter, value: Any) -> None:
        if value is None and not (parameter.has_default and parameter.default is None):
            hint = "Leave it out to take its default." if parameter.has_default else ""
            self._report(parameter.name, "InvalidParameter", "null is given, which is no value", hint)
        else:
            self._take(parameter, value)

    async def _default(self, parameter: Parameter, resolve_default: ResolveDefault) -> None:
        name = parameter.name
        if not parameter.has_default:
            message = f'the parameter "{name}" has no default and must be given'
            self._report(name, "MissingParameter", message, parameter.description)
        elif not self._full and all(each in self.values for each in self._needs[name]):
            try:
                self._take(parameter, await self._made(parameter.default, resolve_default))
            except EvaluationError as error:
                self._full = error.code == "ValueTooLarge"  # for all together, so for every later one too
                self._report(name, error.code, f"its default can't be made: {error}")

    async def _made(self, default: Any, resolve_default: ResolveDefault) -> Any:
        if isinstance(default, str):
            return await resolve_default(default, self.values)
        if isinstance(default, dict):
            return {key: await self._made(child, resolve_default) for key, child in default.items()}
        if isinstance(default, list):
            return [await self._made(child, resolve_default) for child in default]
        return default

    def _take(self, parameter: Parameter, value: Any) -> None:
        """Converts a value and holds it against the constraints; null is taken as it is."""
        fault = json_fault(value)
        if not fault and (value is None or (parameter.type != "String" and _is_stored(value))):
            self.values[parameter.name] = value
            return
        secret = parameter.name in self._secret
        if not fault:
            try:
                converted = convert(parameter.type, value)
                fault = json_fault(converted)
            except ConversionError as error:
                fault = f"{error}, got {shown(value, secret)}"
        faults = [fault] if fault else violations(parameter, converted, secret=secret)
        for each in faults:
            self._refuse(parameter, each)
        if not faults:
            self.values[parameter.name] = converted

    def _refuse(self, parameter: Parameter, fault: str) -> None:
        said = parameter.constraint_description
        self._report(parameter.name, "InvalidParameter", f"{fault}. {said}" if said else fault)

    def _report(self, name: str, id: str, message: str, hint: str = "") -> None:
        self._found[name].append(Problem(id, message, f"{self._path}.{name}", hint=hint))


def _is_stored(value: Any) -> bool:
    """Whether a value is one reference to the parameter store: what it stands for is known when it is used, and only
    as a text it is held against constraints (reference section 1.4)."""
    reference = whole(value) if isinstance(value, str) else None
    return reference is not None and reference.kind == STORE


def _known(declared: Mapping[str, Parameter]) -> str:
    return f"It has {', '.join(declared)}." if declared else "It has none."
