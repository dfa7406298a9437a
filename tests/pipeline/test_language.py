from __future__ import annotations

import pytest

from pipeline.language import NAMES, detect_language, document_language, language_name

SPOKEN = {
    "en": "The district pays for a second bus so that pupils from the valley can stay for the robotics club.",
    "es": "El distrito paga un segundo autobús para que los alumnos del valle puedan quedarse en el club.",
    "fr": "Les élèves écrivent avec leurs familles une lettre à la ville au sujet du ruisseau derrière l'école.",
    "tl": "Ang mga mag-aaral ay nakikilahok sa hardin ng paaralan at sumusulat sa lungsod kasama ang pamilya.",
    "vi": "Học sinh cùng gia đình viết thư cho thành phố về con suối phía sau trường học của các em.",
    "zh": "学区为山谷里的学生增加了一班校车，让他们放学后可以留下来参加机器人俱乐部。" * 3,
    "ar": "تدفع المنطقة ثمن حافلة ثانية حتى يتمكن تلاميذ الوادي من البقاء في نادي الروبوتات بعد المدرسة",
}


@pytest.mark.parametrize("language", SPOKEN)
def test_prose_is_known_by_its_language(language):
    assert detect_language(SPOKEN[language]) == language
    assert document_language("\n\n".join([SPOKEN[language]] * 20)) == language
    assert language_name(language)


@pytest.mark.parametrize(
    "text",
    [
        "Alder | Epson | PowerLite | Projector | 4007120 | Recycle\n" * 4,
        # Each of these was French, at 0.5 to 0.7.
        "Page | Fraction | Transport | Questionnaire | Audience | Transition | Distance | Metric | Notation",
        "Questionnaire | Lesson | Placement | Distance | Questionnaire | Science | Outcome | Distance | Support",
        "Absence | Intervention | Outcome | Commission | Questionnaire | Notation | Fraction | Assignment",
    ],
)
def test_tables_and_worksheets_in_english_are_not_taken_for_another_language(text):
    assert detect_language(text) in {None, "en"}


def test_little_text_is_left_undecided():
    assert detect_language("Bienvenidos a la escuela") is None
    assert document_language("") is None
    assert "en" in NAMES
