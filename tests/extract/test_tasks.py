"""Source text -> tasks."""

from codeplan_model.extract import functions_to_write


def test_a_function_that_is_only_a_docstring_is_to_write():
    tasks = functions_to_write('def f(x):\n    """Doc."""\n\n\ndef g():\n    return 1\n')

    assert [task.entry_point for task in tasks] == ["f"]
