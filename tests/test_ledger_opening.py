import threading

from servicechain.errors import FileProblem
from servicechain.studies.ledger_file import opened

FILES = 100
"""Some four of a hundred were told to be in use while SQLite did not wait."""


def test_several_begin_the_same_ledger_at_once(tmp_path):
    errors = []

    def begin(file):
        try:
            opened(file, read_only=False).close()
        except FileProblem as error:
            errors.append(error)

    for number in range(FILES):
        file = tmp_path / f"{number}.sqlite"
        threads = [threading.Thread(target=begin, args=(file,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert errors == []
