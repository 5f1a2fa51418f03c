{#- The municipality in a Japanese address: what follows the prefecture up to 市, 区, 町 or 村, as Japan Post writes it -
    with the district (郡) of a town and the city of a ward. NULL when there is none, which is never guessed.

    A postal code in front and blanks anywhere do not count. An address that does not begin with a prefecture is read as
    one of `prefecture`, and what it names must lie there. 市 is also in names of towns (古市場, 五日市, 今市), so that cities
    of greater Tokyo, where the buildings are, are known by name; those of other prefectures are known by their form. A
    town or village must be written with its district, but for those of Tokyo's islands.

    MySQL (ICU) and MariaDB (PCRE2) must read the patterns alike; of several places that fit, the first one listed counts. -#}
{% macro municipality_of(address, prefecture) -%}
    {%- set cities = {
        '東京都': '八王子|立川|武蔵野|三鷹|青梅|府中|昭島|調布|町田|小金井|小平|日野|東村山|国分寺|国立|福生|狛江|東大和|清瀬'
            ~ '|東久留米|武蔵村山|多摩|稲城|羽村|あきる野|西東京',
        '神奈川県': '横浜|川崎|相模原|横須賀|平塚|鎌倉|藤沢|小田原|茅ケ崎|逗子|三浦|秦野|厚木|大和|伊勢原|海老名|座間'
            ~ '|南足柄|綾瀬',
        '埼玉県': 'さいたま|川越|熊谷|川口|行田|秩父|所沢|飯能|加須|本庄|東松山|春日部|狭山|羽生|鴻巣|深谷|上尾|草加|越谷|蕨'
            ~ '|戸田|入間|朝霞|志木|和光|新座|桶川|久喜|北本|八潮|富士見|三郷|蓮田|坂戸|幸手|鶴ケ島|日高|吉川|ふじみ野|白岡',
        '千葉県': '千葉|銚子|市川|船橋|館山|木更津|松戸|野田|茂原|成田|佐倉|東金|旭|習志野|柏|勝浦|市原|流山|八千代|我孫子|鴨川'
            ~ '|鎌ケ谷|君津|富津|浦安|四街道|袖ケ浦|八街|印西|白井|富里|南房総|匝瑳|香取|山武|いすみ|大網白里',
        '茨城県': '水戸|日立|土浦|古河|石岡|結城|龍ケ崎|下妻|常総|常陸太田|高萩|北茨城|笠間|取手|牛久|つくば|ひたちなか|鹿嶋|潮来'
            ~ '|守谷|常陸大宮|那珂|筑西|坂東|稲敷|かすみがうら|桜川|神栖|行方|鉾田|つくばみらい|小美玉',
        '栃木県': '宇都宮|足利|栃木|佐野|鹿沼|日光|小山|真岡|大田原|矢板|那須塩原|さくら|那須烏山|下野',
        '群馬県': '前橋|高崎|桐生|伊勢崎|太田|沼田|館林|渋川|藤岡|富岡|安中|みどり',
    } -%}
    {%- set wards = '千代田|中央|港|新宿|文京|台東|墨田|江東|品川|目黒|大田|世田谷|渋谷|中野|杉並|豊島|北|荒川|板橋|練馬|足立'
        ~ '|葛飾|江戸川' -%}
    {%- set islands = '大島町|利島村|新島村|神津島村|(?:三宅島)?三宅村|御蔵島村|(?:八丈島)?八丈町|青ケ島村|小笠原村' -%}
    {%- set cities_with_wards = '札幌|仙台|さいたま|千葉|横浜|川崎|相模原|新潟|静岡|浜松|名古屋|京都|大阪|堺|神戸|岡山|広島'
        ~ '|北九州|福岡|熊本' -%}
    {%- set elsewhere = '青森|岩手|宮城|秋田|山形|福島|新潟|富山|石川|福井|山梨|長野|岐阜|静岡|愛知|三重|滋賀|兵庫|奈良|和歌山'
        ~ '|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄' -%}
    {%- set elsewhere = '(?:北海道|京都府|大阪府|(?:' ~ elsewhere ~ ')県)' -%}
    {%- set anywhere = '(?:' ~ cities | join('|') ~ '|' ~ elsewhere ~ ')' -%}
    {%- set digit = '0-9０-９' -%}
    {%- set places = [
        anywhere ~ '(?!(?:蒲郡|小郡|大和郡山)市)(?:余市|高市|[^市区]{1,4}?)郡'
            ~ '(?:大町町|玉村町|[^' ~ digit ~ ']{1,7}?[町村])',
        anywhere ~ '(?:' ~ cities_with_wards ~ ')市[^市区' ~ digit ~ ']{1,4}区',
        anywhere ~ '(?:四日市|廿日市|野々市|八日市|八日市場)市',
        '東京都(?:(?:' ~ wards ~ ')区|' ~ islands ~ ')',
        elsewhere ~ '.[^区' ~ digit ~ ']{0,6}?市(?![' ~ digit ~ '場街]|$)',
    ] -%}
    {%- for name, its_cities in cities.items() -%}
        {%- do places.append(name ~ '(?:' ~ its_cities ~ ')市') -%}
    {%- endfor -%}
    {%- set pattern = '^(?:' ~ places | join('|') | replace('ケ', '[ケヶｹ]') ~ ')' -%}
    {%- set hyphens = '‐‑‒–—―−－─ーｰ-' -%}
    {%- set postal_code = '(?:〒[' ~ digit ~ hyphens ~ ']*|[' ~ digit ~ ']{3}[' ~ hyphens ~ ']?[' ~ digit ~ ']{4})' -%}
    {#- the column's prefecture, a mark, and the address; then without the mark, and without the column's one when the
        address has its own -#}
    {%- set text = "concat(coalesce(" ~ prefecture ~ ", ''), '|', " ~ address ~ ")" -%}
    {%- set text = without_blanks("(convert(" ~ text ~ " using utf8mb4) collate utf8mb4_bin)", '') -%}
    {%- set text = "regexp_replace(" ~ text ~ ", '^[^|]*[|]" ~ postal_code ~ "?(?=" ~ anywhere ~ ")', '')" -%}
    {%- set text = "regexp_replace(" ~ text ~ ", '[|]" ~ postal_code ~ "?', '')" -%}
    nullif(regexp_replace(regexp_substr({{ text }}, '{{ pattern }}'), '^{{ anywhere }}', ''), '')
{%- endmacro %}
