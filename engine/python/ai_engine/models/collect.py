"""An answer in pieces, put together."""

from typing import Any

from ai_engine.models.model import Chunk


class Collected:
    """Chunks of one answer become the answer that is not streamed."""

    def __init__(self) -> None:
        self._last: Chunk = {}
        self._parts: dict[str, Any] = {}
        self._finish: str | None = None
        self._logprobs: dict[str, Any] | None = None

    def add(self, chunk: Chunk) -> None:
        """Take the next chunk in."""
        self._last = chunk
        choice = chunk["choices"][0]
        fold(self._parts, choice["delta"] if "delta" in choice else {"text": choice["text"]})
        self._finish = choice.get("finish_reason") or self._finish
        if choice.get("logprobs"):
            self._logprobs = self._logprobs or {}
            fold(self._logprobs, choice["logprobs"])

    def answer(self, usage: dict[str, Any] | None) -> Chunk:
        """Return the whole."""
        choice: dict[str, Any] = {"index": 0, "finish_reason": self._finish}
        choice["logprobs"] = self._logprobs
        if "text" in self._parts:
            choice["text"] = self._parts["text"]
        else:
            choice["message"] = self._message()
        name = str(self._last.get("object", "")).removesuffix(".chunk")
        return {**self._last, "object": name, "choices": [choice], "usage": usage}

    def _message(self) -> dict[str, Any]:
        message = {"role": "assistant", "content": None, **self._parts}
        for call in message.get("tool_calls", []):
            call.pop("index", None)
        if message["content"] is None and "tool_calls" not in message:
            message["content"] = ""
        return message


def fold(whole: dict[str, Any], part: dict[str, Any]) -> None:
    """Add a part of a JSON object to what there is of it: texts and lists grow."""
    for key, value in part.items():
        known = whole.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            fold(known, value)
        elif key == "tool_calls":
            fold_calls(whole.setdefault(key, []), value)
        elif isinstance(known, list) and isinstance(value, list):
            known.extend(value)
        elif isinstance(known, str) and isinstance(value, str) and key not in ("role", "type"):
            whole[key] = known + value
        elif value is not None or known is None:
            whole[key] = value


def fold_calls(calls: list[dict[str, Any]], parts: list[dict[str, Any]]) -> None:
    """Add parts of tool calls, which say by their index of which."""
    for part in parts:
        known = next((one for one in calls if one.get("index") == part.get("index")), None)
        if known is None:
            calls.append(dict(part))
        else:
            fold(known, {key: value for key, value in part.items() if key != "index"})
