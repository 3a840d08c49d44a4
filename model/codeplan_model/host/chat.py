"""Render chat messages as the model's own template says; a plain form when it has none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from codeplan_model.generation import BackendError, Message

Renderer = Callable[[Sequence[Message]], str]


def chat_renderer(template: str | None, bos: str, eos: str) -> Renderer:
    """A function from messages to prompt text. template: Jinja source from the model's metadata."""
    if not template:
        return render_plain
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    try:
        formatter = Jinja2ChatFormatter(template, eos_token=eos, bos_token=bos)
    except Exception as error:  # jinja2's own classes; the template is foreign text
        raise BackendError(
            f"The model's chat template can't be parsed: {error}. Choose another model."
        ) from error

    def render(messages: Sequence[Message]) -> str:
        try:
            return formatter(messages=_turns(messages)).prompt  # type: ignore[arg-type]
        except Exception as first:
            merged = _without_system(messages)
            if merged == tuple(messages):
                raise _failed(first) from first
            try:
                return formatter(messages=_turns(merged)).prompt  # type: ignore[arg-type]
            except Exception as error:
                raise _failed(error) from error

    return render


def render_plain(messages: Sequence[Message]) -> str:
    """Sections headed "### User:": what models without a template understand best."""
    titles = {"system": "System", "user": "User", "assistant": "Assistant"}
    sections = [f"### {titles[m.role]}:\n{m.content.strip()}\n\n" for m in messages]
    return "".join(sections) + "### Assistant:\n"


def _turns(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": message.role, "content": message.content} for message in messages]


def _without_system(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The system text moved into the first user turn: some templates refuse a system role."""
    system = "\n\n".join(m.content for m in messages if m.role == "system")
    rest = [m for m in messages if m.role != "system"]
    if system and rest and rest[0].role == "user":
        rest[0] = Message("user", f"{system}\n\n{rest[0].content}")
    return tuple(rest) if rest else tuple(messages)


def _failed(error: Exception) -> BackendError:
    return BackendError(f"The model's chat template refuses these messages: {error}.")
