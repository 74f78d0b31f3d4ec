"""Compares what an API really serves and answers with what its own document announces."""

import json
import re
from collections.abc import Mapping

from flask import Flask, Response, request
from werkzeug.routing import Rule

FAULT = 500
"""No promise, but a fault that some tests bring about."""

Operation = tuple[str, str]
"""A path as OpenAPI writes it, and a method in small letters."""


class Documented:
    """Notes every answer of an app's API, whoever asks."""

    def __init__(self, app: Flask, document: str) -> None:
        """`document`: the address at which the app serves it, beside everything that it describes."""
        self._app = app
        self._address = document
        self._api = document.rpartition("/")[0] + "/"
        self._answers: set[tuple[Operation, int]] = set()
        app.after_request(self._note)

    @property
    def announced(self) -> Mapping[Operation, frozenset[int]]:
        """Every operation of the document, and every status it may answer."""
        with self._app.test_client().get(self._address) as answer:
            paths = json.loads(answer.data)["paths"]
        return {
            (path, method): frozenset(map(int, operation["responses"]))
            for path, operations in paths.items()
            for method, operation in operations.items()
        }

    @property
    def served(self) -> set[Operation]:
        """Every route beside the document."""
        rules = [rule for rule in self._app.url_map.iter_rules() if rule.rule.startswith(self._api)]
        return {(_path(rule), method.lower()) for rule in rules for method in (rule.methods or set()) - {"HEAD"}}

    @property
    def undocumented(self) -> list[str]:
        """The answers so far that the document does not announce."""
        announced = self.announced
        return [
            f"{method} {path} {status}"
            for (path, method), status in sorted(self._answers)
            if status not in announced.get((path, method), ()) and status != FAULT
        ]

    def _note(self, response: Response) -> Response:
        rule = request.url_rule
        if rule is not None and rule.rule.startswith(self._api):
            method = "get" if request.method == "HEAD" else request.method.lower()
            self._answers.add(((_path(rule), method), response.status_code))
        return response


def _path(rule: Rule) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
