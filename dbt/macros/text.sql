{#- How text of the source is cleaned and compared. -#}

{#- What is cut off both ends of a text: space, full-width space, tab, LF, CR, no-break space; as SQL literals. -#}
{% macro blanks() -%}
    {%- do return(["' '", "'\u3000'", "'\\t'", "'\\n'", "'\\r'", "'\u00a0'"]) -%}
{%- endmacro %}


{#- A text with every blank of `blanks()` replaced. -#}
{% macro without_blanks(text, replacement) -%}
    {%- set result = namespace(text=text) -%}
    {%- for blank in blanks() if blank != "'" ~ replacement ~ "'" -%}
        {%- set result.text = "replace(" ~ result.text ~ ", " ~ blank ~ ", '" ~ replacement ~ "')" -%}
    {%- endfor -%}
    {{ result.text }}
{%- endmacro %}


{#- A text without the blanks at its ends, compared and grouped exactly.

    utf8mb4_unicode_ci takes different names for one (ハイツ and バイツ, 🏠 and 🏡, a name with and without a full-width
    blank behind it): rows merge, and on MySQL a temporary table tells apart what a unique key then refuses (1062).
    `convert` is for the vendor's utf8mb3 tables. The blanks are counted in a copy in which all are spaces; left() and
    right() keep the type, while substring() and regexp_replace() return TEXT, of which no key can be made. Most texts
    have no blank at an end, which is quick to see. -#}
{% macro trimmed(column) -%}
    {%- set text = "(convert(" ~ column ~ " using utf8mb4) collate utf8mb4_bin)" -%}
    {%- set spaced = without_blanks(text, ' ') -%}
    {%- set any_blank = "(" ~ blanks() | join(", ") ~ ")" -%}
    case
        when left({{ text }}, 1) in {{ any_blank }} or right({{ text }}, 1) in {{ any_blank }}
            then left(right({{ text }}, char_length(ltrim({{ spaced }}))), char_length(trim({{ spaced }})))
        else {{ text }}
    end
{%- endmacro %}


{#- A trimmed text; NULL when it is a stand-in for "nothing": empty, `--` or `NULL` in any case, also in full width. -#}
{% macro clean_string(column) -%}
    case
        when upper({{ trimmed(column) }}) in ('', 'NULL', '--', 'ＮＵＬＬ', '－－') then null
        else {{ trimmed(column) }}
    end
{%- endmacro %}


{#- A text with each item of `old` replaced by the one at the same place in `new`. -#}
{% macro translated(text, old, new) -%}
    {%- set result = namespace(text=text) -%}
    {%- for item in old -%}
        {%- set to = new[loop.index0] | replace('\\', '\\\\') | replace("'", "''") -%}
        {%- set result.text = "replace(" ~ result.text ~ ", '" ~ item ~ "', '" ~ to ~ "')" -%}
    {%- endfor -%}
    {{ result.text }}
{%- endmacro %}


{#- A text in Unicode's form NFKC, for which the servers have no function, as far as these characters go: full-width
    ASCII (！ to ～), half-width katakana and punctuation (｡ to ﾟ), katakana with a voiced mark behind it (ｶﾞ, カﾞ),
    full-width and no-break space. All others stay as they are (Ⅲ, ①, é in two parts). -#}
{% macro nfkc(text) -%}
    {%- set wide = '！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠［＼］＾＿｀｛｜｝～\u3000\u00a0'
        ~ 'ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ' -%}
    {%- set ascii = '!"#$%&\'()*+,-./0123456789:;<=>?@[\\]^_`{|}~  '
        ~ 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz' -%}
    {%- set half = '｡｢｣､･ｦｧｨｩｪｫｬｭｮｯｰｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟ' -%}
    {%- set kana = '。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン'
        ~ '\u3099\u309a' -%}
    {%- set marked = [] -%}
    {%- for letter in 'ウカキクケコサシスセソタチツテトハヒフヘホワヰヱヲ' -%}
        {%- do marked.append(letter ~ '\u3099') -%}
    {%- endfor -%}
    {%- for letter in 'ハヒフヘホ' -%}
        {%- do marked.append(letter ~ '\u309a') -%}
    {%- endfor -%}
    {%- set voiced = 'ヴガギグゲゴザジズゼゾダヂヅデドバビブベボヷヸヹヺパピプペポ' -%}
    {{ translated(translated(translated(text, wide, ascii), half, kana), marked, voiced) }}
{%- endmacro %}


{#- The asset id of a building, by which the portfolio is joined with other lists: `ｊ０００１` and `J0001` are one. Plain
    ASCII, which nearly all are, needs no NFKC. -#}
{% macro asset_id(column) -%}
    {%- set text = clean_string(column) -%}
    {%- set stored = "convert(" ~ column ~ " using utf8mb4)" -%}
    upper(case when length({{ stored }}) = char_length({{ stored }}) then {{ text }} else {{ nfkc(text) }} end)
{%- endmacro %}


{#- A code that the source keeps as text among other text, in digits of either width; compared with a number, `?` would
    count as 0. -#}
{% macro code_in_text(column) -%}
    {%- set text = translated(trimmed(column), '０１２３４５６７８９', '0123456789') -%}
    case when {{ text }} regexp '^[0-9]{1,9}$' then cast({{ text }} as unsigned) end
{%- endmacro %}
