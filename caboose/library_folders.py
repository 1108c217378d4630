"""Library folders: product actions and ready templates, read from disk.

``library/<product>/<Name>.yml`` is the action ``ACS::<product>::<Name>``; ``library/templates/<name>.yml`` is a
template that is put into the store on first start. Files are read once, when a process starts: an execution's plan
is pinned anyway, and a file that changes under a running worker would make two starts differ for no visible reason.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from caboose.oos.library import Library, Source

BUILT_IN = Path(__file__).resolve().parent.parent / "library"
_TEMPLATES = "templates"


def load_library(extra: Sequence[Path] = ()) -> Library:
    """The product actions of the project's own library and of more folders laid out like it.

    Raises:
        FileNotFoundError: names the folder of ``CABOOSE_LIBRARY_PATH`` that isn't there.
    """
    for folder in extra:
        if not folder.is_dir():
            raise FileNotFoundError(f"CABOOSE_LIBRARY_PATH names {folder}, which is not a folder")
    return Library(source for folder in (BUILT_IN, *extra) for source in _actions(folder))


def built_in_templates() -> dict[str, str]:
    """The ready templates by name."""
    return {path.stem: path.read_text("utf-8") for path in sorted((BUILT_IN / _TEMPLATES).glob("*.yml"))}


def _actions(folder: Path) -> Iterator[Source]:
    for path in sorted(folder.glob("*/*.yml")):
        product = path.parent.name
        if product != _TEMPLATES:
            yield Source(
                f"ACS::{product}::{path.stem}",
                path.read_text("utf-8"),
                f"{folder.name}/{product}/{path.name}",
            )
