{#- The rooms of the portfolio, by which occupancy rates are divided: the company's constant, unless the environment
    sets another number, as the simulated company does. Airflow gives it as an environment variable and people as a
    variable, for the same reason as the business date (target_date.sql). -#}
{% macro portfolio_rooms() -%}
    {%- set given = var('portfolio_rooms', none) -%}
    {%- if given is none -%}
        {%- set given = env_var('DBT_ENV_CUSTOM_ENV_PORTFOLIO_ROOMS', '') if execute else '' -%}
    {%- endif -%}
    {%- set rooms = given if given | string else var('total_physical_rooms') -%}
    {%- if execute and not modules.re.match('^[1-9][0-9]*$', rooms | string) -%}
        {{ exceptions.raise_compiler_error(
            "The rooms of the portfolio must be a whole number from 1, not '" ~ rooms ~ "'; correct "
            ~ "AIRFLOW__GGHOUSE__PORTFOLIO_ROOMS (on MWAA the option gghouse.portfolio_rooms) or leave it out"
        ) }}
    {%- endif -%}
    {{ rooms }}
{%- endmacro %}
