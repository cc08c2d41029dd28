"""Typed texts as they come in: one line end, whatever the browser sends."""

from typing import IO

from flask import Request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser


class _Parser(FormDataParser):
    """Reads forms; a line end of a text becomes one character, as the browser counted it."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        """Read a form's fields and files."""
        rest, form, files = super().parse(stream, mimetype, content_length, options)
        plain: MultiDict[str, str] = self.cls(
            [(name, text.replace("\r\n", "\n")) for name, text in form.items(multi=True)]
        )
        return rest, plain, files


class CountyRequest(Request):
    """A request whose fields have line ends of one character, so that both sides count alike."""

    form_data_parser_class = _Parser
