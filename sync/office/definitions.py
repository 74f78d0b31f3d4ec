"""What each number means, in one sentence a council can be read and in one for the API."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Definition:
    """A measure: the name of its field, what people call it, and what is counted."""

    measure: str
    name: str
    ja: str
    en: str


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        measure="visits",
        name="来所件数",
        ja="窓口での対応が終わった件数です。何人連れでも1件と数え、終わった日の件数にします。紙の記録を含みます。",
        en="Visits served to their end, one for each party whatever its size, counted on the day they ended; with "
        "those counted on paper.",
    ),
    Definition(
        measure="people",
        name="延べ人数",
        ja="来所した人の数の合計です。同じ人が2回来れば2人と数えます。実人数は把握していません。紙の記録を含みます。",
        en="The sum of the people of all visits, those on paper too; somebody who comes twice counts twice.",
    ),
    Definition(
        measure="consultations",
        name="相談件数",
        ja="保存された相談記録の件数です。取り消された記録は数えません。訂正された記録は、訂正後のものを、もとの日の1件と数えます。"
        "紙の記録は含みません。",
        en="Consultation records that were saved and not withdrawn; a corrected one counts once, as corrected, on the "
        "day of the first record. Paper is not in it.",
    ),
    Definition(
        measure="calls",
        name="呼出件数",
        ja="「相談の よびだし」が押され、呼出として記録された件数です。",
        en="Calls raised at a button, a screen or through the API.",
    ),
    Definition(
        measure="calls_unattended",
        name="係がいない時間の呼出",
        ja="呼出のうち、係が1人もいない時間か、開いていない時間に押された件数です。待ち時間には入れません。",
        en="Calls raised while no member of staff was signed in, or outside the opening hours; they are in no waiting "
        "time.",
    ),
    Definition(
        measure="assists",
        name="申請サポート",
        ja="本人が行う申請を手伝った件数です。この版ではまだ記録していないため0件です。",
        en="Applications that visitors were helped to file; not recorded by this version yet, hence 0.",
    ),
    Definition(
        measure="by_topic",
        name="相談内容別",
        ja="相談件数を内容別に数えたものです。1件に内容が2つあれば両方に数える（重複あり）ため、合計しません。紙の記録を含みます。",
        en="Consultations by topic, with the marks on paper; one with two topics counts in both, so these numbers must "
        "not be added up.",
    ),
    Definition(
        measure="by_age_band",
        name="年代別",
        ja="相談件数を、係が記録した年代別に数えたものです。年代は聞かなくてもよいため「不明」を含みます。紙の記録を含みます。",
        en="Consultations by the age band that staff noted, with the marks on paper; asking is optional, so some are "
        "unknown.",
    ),
    Definition(
        measure="by_outcome",
        name="結果別",
        ja="相談件数を、終わり方別に数えたものです。紙の記録は含みません。",
        en="Consultations by how they ended; paper does not say.",
    ),
    Definition(
        measure="by_facility",
        name="施設別",
        ja="来所件数を、窓口のある施設別に数えたものです。紙の記録を含みます。",
        en="Visits by the facility where the desk stands, with those on paper.",
    ),
    Definition(
        measure="by_day",
        name="日別",
        ja="来所件数を、対応が終わった日（日本時間）別に数えたものです。来所のない日は載りません。紙の記録は、紙に書かれた日に入れます。",
        en="Visits by the day they ended, Japan time, those on paper by the day on the paper; days without a visit are "
        "left out.",
    ),
    Definition(
        measure="service_minutes",
        name="対応時間（分）",
        ja="対応の始まりから終わりまでの分です。時計を信頼でき、計時した来所だけを使い（紙の記録は入れません）、中央値と90%値は小さい順の順位で選びます。",
        en="Minutes from the beginning of a visit to its end, only visits timed by a trusted clock, none on paper; "
        "median and 90th percentile by nearest rank.",
    ),
    Definition(
        measure="waiting_minutes",
        name="待ち時間（分）",
        ja="呼出から係が来るまでの分です。係がいる時間に押され、係が応じた呼出だけを使い、取り消された呼出とだれも応じなかった呼出は除きます。",
        en="Minutes from a call to its answer, only calls raised while staff were present and answered, by a trusted "
        "clock; cancelled and expired calls are left out; median and 90th percentile by nearest rank.",
    ),
    Definition(
        measure="from_paper",
        name="うち紙の記録",
        ja="来所件数と延べ人数のうち、紙で数えて あとから入れたものです。時間の平均には入っていません。",
        en="How many of the visits and people were counted on paper and entered later; no duration knows of them.",
    ),
    Definition(
        measure="unsure_clock",
        name="時計がたしかでない記録",
        ja="数えた来所・相談・呼出の記録のうち、窓口の時計がたしかでなく、日付がずれているかもしれないものの件数です。",
        en="Of the visits, consultations and calls that were counted, the records whose desk had no clock to be sure "
        "of, so that their day may be wrong.",
    ),
)

STAFFING = Definition(
    measure="staffing",
    name="窓口の体制",
    ja="係が窓口で活動した回数と、その時間の合計を、役割別に数えたものです。時間は、時計を信頼できた活動だけの合計です。"
    "人数は窓口ごとの登録で数えるため、2つの窓口で活動した人は2人になります。個人別には出しません。",
    en="Shifts by role: how many, their minutes where a trusted clock measured them, and how many different people by "
    "the rosters of the desks, so that somebody who serves at two desks is two. Never by person.",
)
"""What the small table beside the measures means."""

FILTERS_JA = (
    "期間は始めの日と終わりの日を含みます。内容で絞ると、その内容を含む相談と、その来所・呼出だけを数えます。"
    "紙の記録は どの来所が どの内容だったか わからないため、そのときは数えません。窓口の体制は 内容では絞れません。"
)
FILTERS_EN = (
    "Both days of the period are included. With a topic, only consultations that have it count, and only the visits "
    "and calls that led to them; paper is left out then, because it does not say which visit was about what."
)
