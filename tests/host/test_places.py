import os
import stat
from pathlib import Path

import pytest

from codeplan_model.generation import BackendError
from codeplan_model.host.places import places_for


def test_folders_are_private_and_paths_differ_by_model(host_folders: Path) -> None:
    one, two = places_for(Path("/models/a.gguf")), places_for(Path("/models/b.gguf"))

    assert one.socket != two.socket
    for folder in (one.socket.parent, one.log.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_existing_open_folder_is_closed(host_folders: Path) -> None:
    folder = Path(os.environ["CODEPLAN_RUNTIME_DIR"])
    folder.mkdir(mode=0o755)
    places_for(Path("/models/a.gguf"))

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_two_names_of_one_file_have_one_host(host_folders: Path, tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"")
    (tmp_path / "link.gguf").symlink_to(tmp_path / "model.gguf")

    assert places_for(tmp_path / "model.gguf") == places_for(tmp_path / "link.gguf")


def test_a_path_too_long_for_a_socket_is_replaced(
    host_folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEPLAN_RUNTIME_DIR", str(tmp_path / ("long" * 30)))
    monkeypatch.setattr("tempfile.tempdir", "/tmp")
    places = places_for(Path("/models/a.gguf"))

    assert len(os.fsencode(places.socket)) <= 100


def test_a_machine_without_any_temporary_folder_is_told_what_to_set(
    host_folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CODEPLAN_RUNTIME_DIR")
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("tempfile._candidate_tempdir_list", lambda: ["/nowhere/at/all"])

    with pytest.raises(BackendError, match="Set CODEPLAN_RUNTIME_DIR to a folder that can be"):
        places_for(Path("/models/a.gguf"))


def test_a_link_in_place_of_the_folder_is_refused(
    host_folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = tmp_path / "link"
    link.symlink_to(elsewhere)
    monkeypatch.setenv("CODEPLAN_STATE_DIR", str(link))

    with pytest.raises(BackendError, match="CODEPLAN_STATE_DIR"):
        places_for(Path("/models/a.gguf"))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to another user")
def test_a_folder_of_another_user_is_refused(
    host_folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    monkeypatch.setenv("CODEPLAN_STATE_DIR", str(folder))

    with pytest.raises(BackendError, match="another user"):
        places_for(Path("/models/a.gguf"))
