"""The user's own directory."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.attest.keys.file import generate, write_key
from modelward.cli.home import Home, checked_name
from modelward.core.digest import Digest
from modelward.core.errors import Conflict, InputError, UsageError

IDENTITY = Digest("sha256", "a" * 64)


@pytest.fixture
def home():
    return Home.open()


def test_home_is_where_the_variable_says(monkeypatch, tmp_path):
    monkeypatch.setenv("MODELWARD_HOME", str(tmp_path / "here"))
    assert Home.open().keys_directory == tmp_path / "here" / "keys"


def test_home_is_below_the_users_configuration_without_the_variable(monkeypatch, tmp_path):
    monkeypatch.delenv("MODELWARD_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Home.open().directory == tmp_path / ".config" / "modelward"


def test_reading_creates_nothing(home):
    assert (home.name, home.signer_uri, home.roots()) == (None, None, {})
    assert not home.directory.exists()


def test_identity_gives_the_default_signer(home):
    public = write_key(home.key_path("alice"), generate(), None)
    home.write_identity("alice", f"file:{home.key_path('alice')}")
    written = (home.directory / "identity.toml").read_text()
    assert written == 'name = "alice"\nsigner = "file:keys/alice.pem"\n'
    assert home.name == "alice"
    assert home.signer().public == public


def test_the_only_key_is_the_default_signer(home):
    public = write_key(home.key_path("alice"), generate(), None)
    assert home.signer().public == public
    write_key(home.key_path("other"), generate(), None)
    with pytest.raises(UsageError, match="no key to sign with"):
        home.signer()


def test_home_may_move(home, tmp_path):
    public = write_key(home.key_path("alice"), generate(), None)
    home.write_identity("alice", f"file:{home.key_path('alice')}")
    home.directory.rename(tmp_path / "moved")
    assert Home(tmp_path / "moved").signer().public == public


def test_signer_outside_the_home_is_kept_as_it_is(home):
    for uri in ("file:/srv/key.pem", "pkcs11:token=t;object=o?module-path=/m"):
        home.write_identity("alice", uri)
        assert home.signer_uri == uri


def test_named_signer_goes_before_the_default(home, tmp_path):
    home.write_identity("alice", "file:/nonexistent.pem")
    public = write_key(tmp_path / "other.pem", generate(), None)
    assert home.signer(str(tmp_path / "other.pem")).public == public


def test_without_any_signer_the_error_says_how_to_get_one(home):
    with pytest.raises(UsageError, match="no key to sign with") as error:
        home.signer()
    assert "modelward key new" in error.value.help


@pytest.mark.parametrize("name", ["", "../alice", "a/b", "-a", ".a", "a b", "é", "a" * 129, "a\n"])
def test_name_that_could_be_a_path_is_refused(home, name):
    with pytest.raises(UsageError, match="not a name"):
        home.key_path(name)


def test_pin_is_remembered_and_never_replaced(home):
    home.pin("acme", IDENTITY)
    home.pin("acme", IDENTITY)
    home.pin("other", Digest("sha256", "b" * 64))
    with pytest.raises(Conflict, match="pinned to"):
        home.pin("acme", Digest("sha256", "c" * 64))
    assert home.roots() == {"acme": IDENTITY, "other": Digest("sha256", "b" * 64)}


@pytest.mark.parametrize(
    "text", ['nam = "alice"\n', "name = 7\n", "[name]\n", "name = \n", "\xff\xfe", 'name = "a"\nname = "b"\n']
)
def test_damaged_settings_are_an_input_error_that_names_the_file(home, text):
    home.directory.mkdir(parents=True)
    (home.directory / "identity.toml").write_text(text, encoding="latin-1")
    with pytest.raises(InputError) as error:
        _ = home.name
    assert error.value.where.endswith("identity.toml")


def test_pin_that_is_no_digest_is_an_input_error(home):
    home.directory.mkdir(parents=True)
    (home.directory / "roots.toml").write_text('acme = "sha256:xyz"\n')
    with pytest.raises(InputError):
        home.roots()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_uri_is_written_so_that_it_is_read_back(tmp_path_factory, text):
    home = Home(Path(tmp_path_factory.getbasetemp()) / "settings")
    home.write_identity("alice", f"pkcs11:{text}")
    assert home.signer_uri == f"pkcs11:{text}"


def test_plain_name_is_given_back():
    assert checked_name("fraud-scorer_2.0") == "fraud-scorer_2.0"
