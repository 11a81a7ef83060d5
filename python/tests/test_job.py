"""What goes with a job."""

from __future__ import annotations

from pathlib import Path

import pytest

from wortlaut_spark._job import Job, environment


def test_the_glossary_and_what_the_configuration_names_go_with_the_job_and_keys_do_not(project: Path) -> None:
    config = project / "wortlaut.toml"
    config.write_text(
        "[segment]\nrules = 'rules.srx'\n[engines.a]\nkind = 'openai'\nprompt = 'prompts/a.txt'\nkey_file = 'key'\n"
        "ca_file = '/etc/ssl/own.pem'\n"
    )
    for name in ("rules.srx", "prompts/a.txt", "key", ".hidden", "glossary/.swp", "engine.py"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(name)
    job = Job.of(config, ["engine.py"], ["--offline"], None)
    assert sorted(job.files) == ["engine.py", "glossary/terms.tsv", "prompts/a.txt", "rules.srx", "wortlaut.toml"]
    with job.folder() as folder:
        assert (folder / "prompts" / "a.txt").read_text() == "prompts/a.txt"
        memory = environment(folder)["WORTLAUT_MEMORY_PATH"]
        assert Path(memory).is_relative_to(folder)
    assert not folder.exists()
    assert list(job.arguments) == ["worker", "--config", "wortlaut.toml", "--quiet", "--json", "--offline"]


def test_a_named_glossary_takes_the_place_of_the_usual_one(project: Path) -> None:
    (project / "terms.tsv").write_text("source\ttarget\n")
    (project / "wortlaut.toml").write_text("[glossary]\npath = ['terms.tsv']\n")
    job = Job.of(project / "wortlaut.toml", [], [], None)
    assert sorted(job.files) == ["terms.tsv", "wortlaut.toml"]


def test_what_is_outside_of_the_folder_or_missing_is_refused(project: Path) -> None:
    config = project / "wortlaut.toml"
    config.write_text("[glossary]\npath = '../terms.tsv'\n")
    with pytest.raises(ValueError, match="not in the folder of the configuration"):
        Job.of(config, [], [], None)
    config.write_text("[glossary]\nfor = [{ articles = ['a*'], path = 'gone.tsv' }]\n")
    with pytest.raises(FileNotFoundError, match=r"gone\.tsv"):
        Job.of(config, [], [], None)


def test_without_the_program_the_error_says_what_to_do(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(FileNotFoundError, match="install the package there"):
        Job.of(project / "wortlaut.toml", [], [], None).command()
