from linq_mock.cli import mock

mock(prog_name="python -m linq_mock")
