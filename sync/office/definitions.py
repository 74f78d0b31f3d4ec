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
        ja="窓口での対応が終わった件数です。何人連れでも1件と数え、終わった日の件数にします。",
        en="Visits served to their end, one for each party whatever its size, counted on the day they ended.",
    ),
    Definition(
        measure="people",
        name="延べ人数",
        ja="来所した人の数の合計です。同じ人が2回来れば2人と数えます。実人数は把握していません。",
        en="The sum of the people of all visits; somebody who comes twice counts twice.",
    ),
    Definition(
        measure="consultations",
        name="相談件数",
        ja="保存された相談記録の件数です。取り消された記録は数えません。",
        en="Consultation records that were saved and not withdrawn.",
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
        ja="呼出のうち、押されたときに係が1人もいなかった件数です。",
        en="Calls raised while no member of staff was signed in.",
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
        ja="相談件数を内容別に数えたものです。1件に内容が2つあれば両方に数える（重複あり）ため、合計しません。",
        en="Consultations by topic; one with two topics counts in both, so these numbers must not be added up.",
    ),
    Definition(
        measure="by_age_band",
        name="年代別",
        ja="相談件数を、係が記録した年代別に数えたものです。年代は聞かなくてもよいため「不明」を含みます。",
        en="Consultations by the age band that staff noted; asking is optional, so some are unknown.",
    ),
    Definition(
        measure="by_outcome",
        name="結果別",
        ja="相談件数を、終わり方別に数えたものです。",
        en="Consultations by how they ended.",
    ),
    Definition(
        measure="by_facility",
        name="施設別",
        ja="来所件数を、窓口のある施設別に数えたものです。",
        en="Visits by the facility where the desk stands.",
    ),
    Definition(
        measure="by_day",
        name="日別",
        ja="来所件数を、対応が終わった日（日本時間）別に数えたものです。来所のない日は載りません。",
        en="Visits by the day they ended, Japan time; days without a visit are left out.",
    ),
    Definition(
        measure="service_minutes",
        name="対応時間（分）",
        ja="対応の始まりから終わりまでの分です。時計を信頼でき、計時した来所だけを使い、中央値と90%値は小さい順の順位で選びます。",
        en="Minutes from the beginning of a visit to its end, only visits timed by a trusted clock; "
        "median and 90th percentile by nearest rank.",
    ),
    Definition(
        measure="waiting_minutes",
        name="待ち時間（分）",
        ja="呼出から係が来るまでの分です。係がいる時間に押され、係が応じた呼出だけを使い、取り消された呼出とだれも応じなかった呼出は除きます。",
        en="Minutes from a call to its answer, only calls raised while staff were present and answered, by a trusted "
        "clock; cancelled and expired calls are left out; median and 90th percentile by nearest rank.",
    ),
)

FILTERS_JA = "期間は始めの日と終わりの日を含みます。内容で絞ると、その内容を含む相談と、その来所・呼出だけを数えます。"
FILTERS_EN = (
    "Both days of the period are included. With a topic, only consultations that have it count, and only the visits "
    "and calls that led to them."
)
