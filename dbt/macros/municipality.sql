{#- The municipality in a Japanese address that begins with its prefecture: what follows up to 市, 区, 町 or 村, the
    district (郡) or the city of a ward included, as the source writes it. NULL when there is none. Blanks anywhere in it do not count.

    The characters also stand inside names, so that the order matters: towns of a district; wards of the big cities of
    greater Tokyo; the 23 wards; cities, first those with 市 inside (四日市市), then the shortest (市川市 of
    市川市市川, 町田市, 東村山市); last the towns and villages of the islands. -#}
{% macro municipality_of(address) -%}
    {%- set text = without_blanks("(convert(" ~ address ~ " using utf8mb4) collate utf8mb4_bin)", '') -%}
    {%- set prefectures = "^(?:東京都|北海道|京都府|大阪府|..県|...県)" -%}
    {%- set names = [
        "[^市区町村]{1,5}郡.{1,7}?(?:村(?!町)|町(?!町))",
        "(?:横浜|川崎|相模原|さいたま|千葉)市[^市区町村]{1,5}区",
        "[^市区町村]{1,3}区",
        "(?:四日市|廿日市|野々市|八日市|八日市場)市",
        ".[^区]{0,6}?市",
        "[^市区町村]{1,5}[町村]",
    ] -%}
    case
        when {{ text }} regexp '{{ prefectures }}'
            then nullif(
                regexp_substr(regexp_replace({{ text }}, '{{ prefectures }}', ''), '^(?:{{ names | join('|') }})'), ''
            )
    end
{%- endmacro %}
