"""What goes with a job to its tasks: the configuration, the glossary, and how the worker is called."""

from __future__ import annotations

import os
import shutil
import sysconfig
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any


@dataclass(frozen=True)
class Job:
    """The files of a project, by their paths in its folder, and the command for each task."""

    files: Mapping[str, bytes]
    arguments: Sequence[str]
    program: str | None

    @classmethod
    def of(
        cls,
        config: str | os.PathLike[str],
        files: Sequence[str | os.PathLike[str]],
        arguments: Sequence[str],
        program: str | None,
    ) -> Job:
        """Packs a configuration, and what it names in its folder."""
        path = Path(config)
        contents = path.read_bytes()
        settings = tomllib.loads(contents.decode("utf-8-sig"))
        packed = {path.name: contents}
        for name in _named(settings):
            packed.update(_files(path.parent, name, required=True))
        for name in _usual(settings):
            packed.update(_files(path.parent, name, required=False))
        for file in files:
            packed.update(_files(path.parent, os.fspath(file), required=True))
        return cls(packed, ("worker", "--config", path.name, "--quiet", "--json", *arguments), program)

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A folder with the files, for the time of a task."""
        with tempfile.TemporaryDirectory(prefix="wortlaut-") as name:
            folder = Path(name)
            for file, contents in self.files.items():
                path = folder / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(contents)
            yield folder

    def command(self) -> list[str]:
        """What a task runs."""
        return [self.program or _installed(), *self.arguments]


def environment(folder: Path) -> dict[str, str]:
    """That of the executor, keys included. Tasks side by side need a memory each, unless they share one (memory.url)."""
    return {**os.environ, "WORTLAUT_MEMORY_PATH": str(folder / ".wortlaut" / "memory.db")}


def _installed() -> str:
    """The program that came with this package, or the one on the path."""
    beside = shutil.which("wortlaut", path=sysconfig.get_path("scripts"))
    found = beside or shutil.which("wortlaut")
    if found is None:
        raise FileNotFoundError(
            "there is no program wortlaut on this executor; install the package there, or name the program: "
            'translate(…, program="/opt/wortlaut/bin/wortlaut")'
        )
    return found


def _named(settings: Mapping[str, Any]) -> list[str]:
    """The files and folders that a configuration names for a worker to read. Files with keys stay where they are."""
    glossary = settings.get("glossary", {})
    path = glossary.get("path", [])
    names: list[str] = [path] if isinstance(path, str) else list(path)
    for own in glossary.get("for", []):
        path = own.get("path", [])
        names.extend([path] if isinstance(path, str) else path)
    profiles = [profile for profile in settings.get("engines", {}).values() if isinstance(profile, dict)]
    named = [settings.get("segment", {}).get("rules")]
    named.extend(profile.get(name) for profile in profiles for name in ("prompt", "ca_file"))
    return [*names, *(name for name in named if name is not None)]


def _usual(settings: Mapping[str, Any]) -> list[str]:
    """What is read although no configuration names it, if it is there."""
    return [] if "path" in settings.get("glossary", {}) else ["glossary"]


def _files(folder: Path, name: str, *, required: bool) -> dict[str, bytes]:
    """The files at a path in the folder of the configuration, with their contents."""
    inside = PurePath(name)
    if inside.is_absolute():
        # As written, it is a path on the executors.
        return {}
    if ".." in inside.parts:
        raise ValueError(f"{name} is not in the folder of the configuration, {folder}; move it there")
    path = folder / inside
    if path.is_dir():
        found = [file for file in sorted(path.rglob("*")) if file.is_file() and not _is_hidden(file, path)]
    elif path.is_file() or required:
        found = [path]
    else:
        found = []
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in found}


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)
