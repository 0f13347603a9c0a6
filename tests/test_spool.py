"""Files that stand under their names only when they are whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.command import BadUsageError, NotDoneError
from crawler.exports.spool import Spool


def test_file_keeps_its_old_content_until_the_new_one_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "new" / "export.csv"
    with Spool(str(file)) as spool:
        spool.file.write(b"old")
        assert not file.exists()
        spool.publish()
    with pytest.raises(RuntimeError), Spool(str(file)) as spool:
        spool.file.write(b"half")
        spool.file.flush()
        assert file.read_text() == "old"
        raise RuntimeError
    assert file.read_text() == "old"
    assert list(file.parent.iterdir()) == [file]


def test_what_a_killed_export_left_is_no_part_of_the_next(tmp_path: Path) -> None:
    (tmp_path / ".export.csv.part").write_text("much more than what comes now")
    with Spool(str(tmp_path / "export.csv")) as spool:
        spool.file.write(b"now")
        spool.publish()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"export.csv": "now"}


def test_two_exports_never_write_one_file_at_once(tmp_path: Path) -> None:
    with Spool(str(tmp_path / "export.csv")) as first:
        with pytest.raises(NotDoneError, match="another export is writing it"), Spool(str(tmp_path / "export.csv")):
            pass
        first.file.write(b"whole")
        first.publish()
    assert (tmp_path / "export.csv").read_text() == "whole"


def test_link_stays_a_link_and_a_device_a_device(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    for name in (str(tmp_path / "link.csv"), "/dev/null"):
        with Spool(name) as spool:
            spool.file.write(b"x")
            spool.publish()
    assert (tmp_path / "link.csv").is_symlink() and (tmp_path / "real.csv").read_text() == "x"
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("name", ["file/export.csv", "folder", "folder/", "."])
def test_place_that_cannot_be_written_is_refused_and_nothing_left_behind(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("here before")
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadUsageError, match=r"-o .*: cannot be written"), Spool(name if name == "." else f"{tmp_path}/{name}"):
        pass
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]
