"""Settings: what is read from the environment, what is refused, and secrets that are made once and kept."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from caboose.settings import Settings, kept_secret, load_settings


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test touches the data folder of the checkout."""
    monkeypatch.setenv("CABOOSE_DATA_DIR", str(tmp_path / "data"))


def test_defaults_are_safe() -> None:
    settings = load_settings()
    assert settings.listens_on_loopback
    assert settings.safety_check == "ConfirmEveryHighRiskAction"
    assert settings.cloud_protocol == "https"
    assert settings.base_url() == settings.client_url() == "http://127.0.0.1:8000"


def test_lists_are_written_as_people_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CABOOSE_LIBRARY_PATH", "/a:/b c:")
    monkeypatch.setenv("CABOOSE_LINK_KEYS", "new, old,")
    monkeypatch.setenv("CABOOSE_WEBHOOK_SECRETS", '{"token": "SECx"}')
    settings = load_settings()
    assert settings.library_path == [Path("/a"), Path("/b c")]
    assert settings.approval_keys() == ["new", "old"]
    assert settings.webhook_secrets["token"].get_secret_value() == "SECx"
    assert "SECx" not in repr(settings)
    assert "new" not in repr(settings.link_keys)


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("CABOOSE_SAFETY_CHECK", "canary", "must be one of"),
        ("CABOOSE_CLOUD_PROTOCOL", "canary", "must be http or https"),
        ("CABOOSE_LINK_DAYS", "0", "greater than 0"),
        ("CABOOSE_CLOUD_READ_TIMEOUT", "61", "less than or equal to 60"),
        ("CABOOSE_CLOUD_READ_TIMEOUT", "nan", "CABOOSE_CLOUD_READ_TIMEOUT"),
        ("CABOOSE_LINK_DAYS", "inf", "CABOOSE_LINK_DAYS"),
        ("CABOOSE_API_PORT", "canary", "integer"),
        ("CABOOSE_MAX_TEMPLATE_BYTES", "1000", "greater than or equal to 1024"),
        ("CABOOSE_MAX_TEMPLATE_BYTES", "1000001", "less than or equal to 1000000"),
        ("CABOOSE_WEBHOOK_SECRETS", "canary", "webhook_secrets"),
        ("CABOOSE_WEBHOOK_SECRETS", '{"x": ["canary"]}', "CABOOSE_WEBHOOK_SECRETS"),
    ],
)
def test_what_is_refused_is_named_and_not_shown(
    variable: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValueError, match=words) as refused:
        load_settings()
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:9000"), ("localhost", "http://localhost:9000"), ("::1", "http://[::1]:9000")],
)
def test_links_of_an_api_on_loopback(host: str, url: str) -> None:
    assert Settings(api_host=host, api_port=9000).base_url() == url


def test_links_of_an_api_that_others_reach_need_an_address() -> None:
    with pytest.raises(ValueError, match="CABOOSE_PUBLIC_URL is required"):
        Settings(api_host="0.0.0.0").base_url()
    assert Settings(api_host="0.0.0.0", public_url="https://c.example/").base_url() == "https://c.example"
    assert Settings(api_url="https://api.example/").client_url() == "https://api.example"


def test_the_store_is_in_the_data_folder_unless_it_has_a_url(tmp_path: Path) -> None:
    assert Settings().store_url() == f"sqlite:///{tmp_path / 'data' / 'caboose.db'}"
    assert (tmp_path / "data").is_dir()
    assert Settings(database_url="postgresql://x").store_url() == "postgresql://x"


def test_secrets_are_made_once_for_the_owner_only(tmp_path: Path) -> None:
    settings = Settings()
    token, (key,) = settings.api_token(), settings.approval_keys()
    assert len(token) > 40
    assert token != key
    assert Settings().api_token() == token
    assert stat.S_IMODE((tmp_path / "data" / "token").stat().st_mode) == 0o600
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["link-key", "token"]


def test_processes_that_ask_together_get_the_same_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(kept_secret, [tmp_path / "secret"] * 64))
    assert len(dict.fromkeys(made)) == 1
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["secret"]


def test_a_secret_that_is_set_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CABOOSE_TOKEN", "given")
    assert load_settings().api_token() == "given"
    assert not (tmp_path / "data").exists()


def test_an_empty_secret_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(" \n")
    with pytest.raises(ValueError, match="is empty; remove it"):
        kept_secret(tmp_path / "secret")
