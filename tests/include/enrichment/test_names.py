"""Names: what is cut off, what counts as a company, and what a script tells."""

from __future__ import annotations

from datetime import date

import pytest

from include.enrichment.names import (
    by_script,
    full_name,
    is_company,
    is_no_name,
    name_hash,
    normalised,
    person_hash,
)


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        (("山田 太郎", None, None), "山田 太郎"),
        (("\u3000 山田 太郎\u00a0\t", None, None), "山田 太郎"),
        (("NULL", "山田", "太郎"), "山田 太郎"),
        (("ｎｕｌｌ", "山田", "--"), "山田"),
        (("", "", ""), None),
        ((None, None, None), None),
    ],
)
def test_a_name_is_that_of_the_dbt_model(stored: tuple[str | None, ...], name: str | None) -> None:
    assert full_name(*stored) == name


def test_a_changed_name_and_a_changed_birth_date_have_another_key() -> None:
    assert len({name_hash("A B"), name_hash("A  B"), name_hash("a b"), name_hash("A B ")}) == 4
    born = date(1999, 1, 2)
    assert len({person_hash("A B", born), person_hash("A B", date(1999, 2, 1)), person_hash("A C", born)}) == 3
    assert len(name_hash("A B")) == 64


def test_spellings_in_other_widths_are_one_name_to_every_source() -> None:
    assert normalised("ＮＧＵＹＥＮ\u3000van  anh ") == "NGUYEN VAN ANH"
    assert normalised("ﾔﾏﾀﾞ") == "ヤマダ"


@pytest.mark.parametrize(
    "name",
    [
        "株式会社山田",
        "山田（株）",
        "㈱ヤマダ",
        "有限会社サクラ",
        "合同会社ＡＢＣ",
        "一般社団法人さくら",
        "学校法人東京",
        "Ｙａｍａｄａ＿Ｉｎｃ．",
        "YAMADA_CO.,_LTD.",
        "yamada_co.,ltd",
        "Acme_LLC",
        "ABC_CORPORATION",
        "ACME_GMBH",
        "K.K._TOKYO",
    ],
)
def test_a_company_is_known_by_its_mark(name: str) -> None:
    assert is_company(name.replace("_", " ").replace("＿", "　"))


@pytest.mark.parametrize("name", ["INCE MEHMET", "LINCOLN ABE", "PETER CORPUZ", "株 太郎", "LIMITEDA ANA"])
def test_a_person_is_no_company(name: str) -> None:
    assert not is_company(name)


def test_a_script_tells_what_only_one_country_writes() -> None:
    assert by_script("김민준") == "韓国"
    assert by_script("さくら 花子") == "日本"
    for undecided in ("林 美玲", "タナカ", "LEE MINHO", "王", "Nguyễn Văn Á"):
        assert by_script(undecided) is None


def test_a_mask_is_no_name() -> None:
    assert is_no_name("*")
    assert is_no_name("＊＊ ー"[:2])
    assert not is_no_name("O")
