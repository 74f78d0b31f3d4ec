"""The office's JSON API: the same numbers as the page, for programs with a token."""

from collections.abc import Collection

import msgspec
from flask import Blueprint, Response, request

from sync.office.office import Office
from ui.office.access import Access
from ui.office.messages import DeviceAnswer, Health, ReconcileAnswer, StatisticsAnswer
from ui.office.names import Names
from ui.office.openapi import document
from ui.office.question import Question
from ui.problems import Refusal


class Api:
    """The views."""

    def __init__(self, office: Office, names: Names) -> None:
        self._office = office
        self._names = names

    def statistics(self) -> Response:
        """The internal numbers of a period."""
        _refuse_others({"from", "to", "facility", "topic"})
        question = Question.of_dates(request.args)
        truth = self._office.catch_up()
        return _json(StatisticsAnswer.of(question.ask(self._office, self._names), question, truth.at))

    def reconcile(self) -> Response:
        """What each device captured and what of it arrived."""
        _refuse_others({"from", "to"})
        question = Question.of_dates(request.args)
        truth = self._office.catch_up()
        found = self._office.reconcile(question.first, question.last)
        devices = [DeviceAnswer.of(device, self._office.facility_of(device.device)) for device in found]
        return _json(ReconcileAnswer.of(devices, question, truth.at))

    def healthz(self) -> Response:
        """Whether the office works."""
        self._office.check()
        return _json(Health(status="ok"))

    def openapi(self) -> Response:
        """This API, described."""
        return _json(document())


def add_api(pages: Blueprint, *, office: Office, names: Names, access: Access) -> None:
    """Put the API below the office's pages."""
    api = Api(office, names)
    pages.add_url_rule("/api/v1/statistics", "api_statistics", view_func=access.programs_only(api.statistics))
    pages.add_url_rule("/api/v1/reconcile", "api_reconcile", view_func=access.programs_only(api.reconcile))
    pages.add_url_rule("/api/v1/openapi.json", "api_openapi", view_func=api.openapi)
    pages.add_url_rule("/healthz", view_func=api.healthz)


def _refuse_others(known: Collection[str]) -> None:
    """A misspelt filter must not look like numbers that were filtered."""
    other = next((name for name in request.args if name not in known), None)
    if other is not None:
        raise Refusal(
            400, "unknown_parameter", "知らない しぼりこみが あります。名前を 確かめてください。", field=other[:40]
        )


def _json(answer: object) -> Response:
    return Response(msgspec.json.encode(answer), content_type="application/json")
