"""The pages of an officer: sign in, look at the numbers, take them along."""

from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sync.office.definitions import DEFINITIONS, FILTERS_JA, STAFFING
from sync.office.errors import InvalidQuestion
from sync.office.office import Office, Truth
from sync.office.reconcile import Reconciliation
from sync.office.statistics import Statistics
from ui.office.access import Access
from ui.office.csv_file import csv_bytes
from ui.office.dates import clock, long_day, short_day
from ui.office.figures import Figure, Role, figures, roles, spreads
from ui.office.names import Names, in_order
from ui.office.question import PERIODS, Question
from ui.office.view import choices, frame, place

_SEE_OTHER = 303


class Pages:
    """The views; each but sign-in may count on an officer."""

    def __init__(self, office: Office, names: Names, access: Access) -> None:
        self._office = office
        self._names = names
        self._access = access

    def ask_pin(self) -> ResponseReturnValue:
        """The sign-in."""
        return render_template("office/sign_in.html", names=self._names, user="", wrong=False)

    def sign_in(self) -> ResponseReturnValue:
        """Somebody typed a name and a PIN."""
        self._access.check_csrf()
        user = request.form.get("user", "").strip()
        if self._access.sign_in(user, request.form.get("pin", "")):
            return redirect(url_for("office.statistics"), _SEE_OTHER)
        return render_template("office/sign_in.html", names=self._names, user=user, wrong=True), 422

    def sign_out(self) -> ResponseReturnValue:
        """The officer goes."""
        self._access.check_csrf()
        self._access.sign_out()
        return redirect(url_for("office.ask_pin"), _SEE_OTHER)

    def home(self) -> ResponseReturnValue:
        """The office begins with its numbers."""
        return redirect(url_for("office.statistics"), _SEE_OTHER)

    def statistics(self) -> ResponseReturnValue:
        """The numbers; with filters that make no sense, the filters and what is wrong with them."""
        truth = self._office.catch_up()
        try:
            question = Question.of_form(request.args, today=self._office.today)
            found = question.ask(self._office, self._names)
        except InvalidQuestion as error:
            return render_template("office/statistics.html", **self._frame(truth), found=None, error=error), 422
        return render_template("office/statistics.html", **self._frame(truth), **self._numbers(question, found))

    def csv(self) -> ResponseReturnValue:
        """The same numbers as a file."""
        truth = self._office.catch_up()
        question = Question.of_form(request.args, today=self._office.today)
        found = question.ask(self._office, self._names)
        response = Response(
            csv_bytes(self._about(question, truth), found, self._figures(question, found), self._roles(question)),
            content_type="text/csv; charset=utf-8",
        )
        response.headers["Content-Disposition"] = _attachment(question)
        return response

    def _frame(self, truth: Truth) -> dict[str, object]:
        """What the page shows whatever was asked: the filters as they were sent, and how fresh everything is."""
        facilities, topics = self._office.facilities(), in_order(self._names.topics, self._office.topics())
        return {
            **frame(self._names, self._access.user, truth),
            "periods": choices(PERIODS),
            "facilities": choices(facilities),
            "topics": choices(topics),
            "sent": {"period": "month"} | request.args.to_dict(),
        }

    def _numbers(self, question: Question, found: Statistics) -> dict[str, object]:
        devices = self._office.reconcile(question.first, question.last)
        return {
            "error": None,
            "found": found,
            "question": question,
            "about": self._about(question, None),
            "first": long_day(question.first),
            "last": long_day(question.last),
            "figures": list(self._figures(question, found)),
            "spreads": spreads(found),
            "staffing": self._roles(question),
            "definitions": (*DEFINITIONS, STAFFING),
            "how_filters_count": FILTERS_JA,
            "devices": [(place(self._office, device.device), device, _closed(device)) for device in devices],
        }

    def _figures(self, question: Question, found: Statistics) -> list[Figure]:
        return list(figures(found, self._names, self._office.facilities(), question))

    def _roles(self, question: Question) -> list[Role]:
        return list(roles(self._office.staffing(question.first, question.last, facility=question.facility)))

    def _about(self, question: Question, truth: Truth | None) -> list[tuple[str, str]]:
        """What the numbers are about, in words."""
        facilities, topics = self._office.facilities(), self._names.topics
        words = [
            ("期間", f"{long_day(question.first)}から{long_day(question.last)}まで"),
            ("施設", facilities.get(question.facility, question.facility) if question.facility else "すべて"),
            ("内容", topics.get(question.topic, question.topic) if question.topic else "すべて"),
        ]
        if truth is not None:
            words.append(("情報の時点", clock(truth.at) if truth.at else "まだ記録が届いていません"))
        return words


def add_pages(pages: Blueprint, *, office: Office, names: Names, access: Access) -> None:
    """Put the pages in their places."""
    views = Pages(office, names, access)
    pages.add_url_rule("/", view_func=access.officers_only(views.home), strict_slashes=False)
    pages.add_url_rule("/sign-in", view_func=views.ask_pin)
    pages.add_url_rule("/sign-in", view_func=views.sign_in, methods=["POST"])
    pages.add_url_rule("/sign-out", view_func=access.officers_only(views.sign_out), methods=["POST"])
    pages.add_url_rule("/statistics", view_func=access.officers_only(views.statistics))
    pages.add_url_rule("/statistics.csv", view_func=access.officers_only(views.csv))


def _closed(device: Reconciliation) -> str:
    """When the desk was closed last, in words."""
    closed = device.last_closed
    if closed is None:
        return "「きょうはおしまい」の記録は まだ ありません。"
    return f"さいごの「きょうはおしまい」は {short_day(closed.day)}、そのとき 未送信 {closed.unsent:,}件でした。"


def _attachment(question: Question) -> str:
    """A Japanese file name, and one in ASCII for programs that cannot read it."""
    japanese = quote(f"窓口統計_{long_day(question.first)}-{long_day(question.last)}_庁内限り.csv")
    plain = f"statistics_{question.first}_{question.last}.csv"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{japanese}"
