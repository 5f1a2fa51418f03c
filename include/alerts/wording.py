"""What each alert class says: the part of a message that does not depend on the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from include.alerts.causes import Cause
from include.schedule import DASHBOARDS_DUE, clock


@dataclass(frozen=True)
class Phrases:
    """The phrases of one alert class in one language.

    Attributes:
        what: one sentence that says what is late or broken.
        cause: the likely cause.
        steps: what to do, in order.
        seen: what readers see, when the alert is a warning.
    """

    what: str
    cause: str
    steps: tuple[str, ...]
    seen: str

    def filled(self, facts: Mapping[str, str]) -> Phrases:
        """Return the phrases about one incident."""
        return Phrases(
            self.what.format(**facts),
            self.cause.format(**facts),
            tuple(step.format(**facts) for step in self.steps),
            self.seen.format(**facts),
        )


@dataclass(frozen=True)
class Words:
    """The words of one alert class.

    Names in braces are filled in: `{target}`, `{subject}`, `{step}`, `{place}`, `{due}`, `{reason}`.

    Attributes:
        title: for the subject line, ASCII.
        ja: the phrases in Japanese.
        en: the phrases in English.
    """

    title: str
    ja: Phrases
    en: Phrases


def _ja(what: str, cause: str, *steps: str, seen: str = "影響はありません。") -> Phrases:
    return Phrases(what, cause, steps, seen)


def _en(what: str, cause: str, *steps: str, seen: str = "no change; their figures are not affected.") -> Phrases:
    return Phrases(what, cause, steps, seen)


_CLEAR_JA = "Airflow で {step} を Clear(Downstream を選択)してください。"
_CLEAR_EN = "clear {step} with Downstream in Airflow."

_LATE_STEPS_JA = (
    "Airflow で実行の画面を開き、赤・待機中・実行中のタスクを確認してください。",
    "赤いタスクがある場合は、そのタスクのメールの手順に従ってください。",
    "wait_for_dump が待機中の場合は、管理システムの担当者にダンプの提供を依頼してください。",
    "実行中の場合は、完了をお待ちください。解消するとメールが届きます。",
)
_LATE_STEPS_EN = (
    "Open the run in Airflow and find the task that is red, waiting or running.",
    "Red: follow the mail of that task.",
    "wait_for_dump is waiting: ask the property-management side to deliver the dump.",
    "Running: wait. A mail follows when the problem is resolved.",
)

WORDS = {
    Cause.DUMP_MISSING: Words(
        "dump missing",
        _ja(
            "{target} のダンプが届いていません。",
            "管理システム側でのダンプの出力または転送の遅れ。",
            "管理システムの担当者に {target} のダンプの提供を依頼してください。",
            "wait_for_dump が待機中の場合は、ダンプが届くと自動で再開します(操作は不要です)。",
            "wait_for_dump が赤い場合は、ダンプが届いた後に Clear(Downstream を選択)してください。",
        ),
        _en(
            "The dump of {target} has not arrived.",
            "the property-management side has not written or not delivered it.",
            "Ask the property-management side to deliver the dump of {target}.",
            "If wait_for_dump is waiting, do nothing else: the run continues when the dump arrives.",
            "If wait_for_dump is red, clear it with Downstream after the dump has arrived.",
        ),
    ),
    Cause.DUMP_REJECTED: Words(
        "dump rejected",
        _ja(
            "{target} のダンプに問題があるため、取り込みを中止しました。",
            "ダンプの不備(途中で切れている、別の日の内容である、件数が急減しているなど)。「詳細」をご確認ください。",
            "「詳細」の内容を管理システムの担当者に送り、ダンプの再出力を依頼してください。",
            "正しいダンプが届いた後に、wait_for_dump を Clear(Downstream を選択)してください。",
            "内容が正しいことを確認できた場合(実際に件数が減ったなど)は、手順書に従ってください。",
        ),
        _en(
            "The dump of {target} is faulty and was not loaded.",
            "the dump is cut off, holds another day's content, or lost many rows; the detail below says which.",
            "Send the detail below to the property-management side and ask for the dump again.",
            "After the new dump has arrived, clear wait_for_dump with Downstream.",
            "If the content is confirmed to be right (the rows really became fewer), follow the runbook.",
        ),
    ),
    Cause.DATABASE: Words(
        "database trouble",
        _ja(
            "データベースに接続できない、またはロック待ちのため、{target} の処理が停止しました。",
            "Aurora の停止・再起動・高負荷、または長時間のクエリによるロック。",
            "手順書の「確認」に従い、接続とロックの状態を確認してください。",
            "データベースの応答を確認した後に、" + _CLEAR_JA,
            "15 分以上応答がない場合は、AWS の管理者に連絡してください。",
        ),
        _en(
            "The run of {target} stopped: the database is out of reach, or a lock is held for too long.",
            "Aurora is down, restarting or overloaded, or a long query holds a lock.",
            "Check the connection and the locks as the runbook describes.",
            "When the database answers, " + _CLEAR_EN,
            "If it does not answer within 15 minutes, contact the AWS administrator.",
        ),
    ),
    Cause.DBT: Words(
        "dbt failed: {subject}",
        _ja(
            "{target} の集計または検査に失敗しました(dbt: {subject})。新しい数値は公開していません。",
            "元データの異常、またはモデルの不具合(該当する行は「詳細」に記載)。",
            "「詳細」で、失敗したモデルまたは検査と、該当する行を確認してください。",
            "元データの誤りは管理システムの担当者に、モデルの不具合は開発者に連絡してください。",
            "修正が完了した後に、" + _CLEAR_JA,
        ),
        _en(
            "A dbt model or test failed for {target} ({subject}). Nothing was published.",
            "unexpected source data, or a fault in a model; the detail below names the rows.",
            "Read in the detail below which model or test failed, and for which rows.",
            "Report wrong data to the property-management side, and a wrong model to the developers.",
            "After the fix, " + _CLEAR_EN,
        ),
    ),
    Cause.QUICKSIGHT: Words(
        "QuickSight refresh failed",
        _ja(
            "{target} の QuickSight の更新に失敗しました。データベースの数値は最新です。",
            "QuickSight の取り込みエラー、または 24 時間あたりの更新回数の上限超過。",
            "「詳細」で QuickSight のエラーを確認してください。",
            "原因を解消した後に、赤い refresh_quicksight だけを Clear(Downstream を選択)してください。",
        ),
        _en(
            "QuickSight refresh failed for {target}; the database is up to date.",
            "an ingestion error of QuickSight, or its limit of refreshes in 24 hours.",
            "Read QuickSight's error in the detail below.",
            "After the fix, clear only the red refresh_quicksight, with Downstream.",
        ),
    ),
    Cause.PERMISSIONS: Words(
        "access denied",
        _ja(
            "権限の不足により、{target} の処理が停止しました。",
            "IAM ロール、データベースユーザー、またはシークレットの変更・期限切れ。",
            "「詳細」の操作名とユーザー名を AWS の管理者に連絡してください。",
            "権限が復旧した後に、" + _CLEAR_JA,
        ),
        _en(
            "The run of {target} stopped: access was denied.",
            "an IAM role, a database user or a secret was changed or has expired.",
            "Send the action and the user named in the detail below to the AWS administrator.",
            "After access is restored, " + _CLEAR_EN,
        ),
    ),
    Cause.LATE: Words(
        "late: {subject}",
        _ja("{target} の処理が、期限の {due} までに完了していません。", "{reason}", *_LATE_STEPS_JA),
        _en("The run of {target} did not finish by its deadline, {due} JST.", "{reason}", *_LATE_STEPS_EN),
    ),
    Cause.STALE_DATA: Words(
        "stale data: {subject}",
        _ja(
            "データが更新されていません: {subject}({target} 時点)。",
            "新しい日付のダンプに含まれる古い内容、または元のシステムの更新停止。",
            "管理システムの担当者に、該当データの最終更新日時を確認してください。",
            "正しいダンプが届いた後に、gghouse_daily を {target} で再実行してください。",
            "更新の停止が意図したものである場合は、手順書に従ってください。",
        ),
        _en(
            "The data of {subject} are stale as of {target}.",
            "a new dump with old content, or the source system is no longer updated.",
            "Ask the property-management side when these data were last changed.",
            "After the right dump has arrived, run gghouse_daily again for {target}.",
            "If the source has stopped on purpose, follow the runbook.",
        ),
    ),
    Cause.PLATFORM: Words(
        "{place} failed",
        _ja(
            "{place}が失敗しました({target})。",
            "基盤側の問題(メモリ不足、設定の誤り、プログラムの不具合など)。",
            "「詳細」とタスクのログを確認してください。",
            _CLEAR_JA,
            "再度失敗する場合は、開発者に連絡してください。",
        ),
        _en(
            "Failed for {target}: {place}.",
            "the platform itself: memory, a setting, or a fault in the program.",
            "Read the detail below and the log of the task.",
            _CLEAR_EN.replace("clear", "Clear"),
            "If it fails again, contact the developers.",
        ),
    ),
    Cause.QUICKSIGHT_ROWS: Words(
        "rows missing: {subject}",
        _ja(
            "QuickSight のデータセット {subject} の件数が gold と一致しません({target})。",
            "列の型に合わない値の除外、または取り込み中の gold の更新。",
            "「詳細」で件数を確認してください。",
            "QuickSight の Datasets → {subject} → Refresh で、取り込まれなかった行とその理由を確認してください。",
            "列の型を修正するか、開発者に連絡してください。修正後、その refresh_quicksight だけを Clear してください。",
            seen="{target} の数値です。ただし、{subject} の図表には取り込まれなかった行が含まれません。",
        ),
        _en(
            "QuickSight's data set {subject} does not hold all rows of gold ({target}).",
            "QuickSight skipped rows whose values do not fit a column's type, or gold changed during the refresh.",
            "Read the counts in the detail below.",
            "In QuickSight, open Datasets, {subject}, Refresh: it lists the skipped rows with the reason.",
            "Fix the column's type or contact the developers; then clear only refresh_quicksight of that data set.",
            seen="the figures of {target}; charts of {subject} lack the skipped rows.",
        ),
    ),
    Cause.REJECTED_ROWS: Words(
        "rows rejected: {subject}",
        _ja(
            "{target} のダンプの主キーの重複が、登録済みの件数を超えています: {subject}。重複行は取り込んでいません。",
            "管理システム側での主キーの重複、または行の二重出力。",
            "「詳細」で、対象のテーブル、件数、発生時期を確認してください。",
            "テーブル名と件数を管理システムの担当者に伝え、重複の解消を依頼してください(行の内容は送らないでください)。",
            "問題がないことを確認できた件数は、include/dump/contract.py の KNOWN_DUPLICATES に登録してください。",
            seen="{target} の数値です。主キーが重複する行は、最初の 1 行だけが集計に含まれます。",
        ),
        _en(
            "The dump of {target} holds more duplicate keys than are declared: {subject}. Duplicates were rejected.",
            "the source has new rows with an existing key, or wrote some rows twice.",
            "Read in the detail below which tables, how many rows, and since when.",
            "Report tables and counts, not the rows, to the property-management side and ask for unique keys.",
            "Declare counts that prove harmless in KNOWN_DUPLICATES of include/dump/contract.py.",
            seen="the figures of {target} once published; of duplicate rows only the first is counted.",
        ),
    ),
    Cause.REPORT: Words(
        "report not made: {subject}",
        _ja(
            "{target} の帳票が作成されていません: {subject}。ダッシュボードの数値に影響はありません。",
            "ひな形やレントロールの不備、対象日のデータの不足、または基盤の問題。「詳細」をご確認ください。",
            "「詳細」の指示に従ってください(ファイルを差し替えるなど)。",
            "その後、" + _CLEAR_JA,
            "急ぐ場合は、Airflow で {subject} をフォームから実行してください。",
        ),
        _en(
            "The report of {target} was not made: {subject}. The figures on the dashboards are not affected.",
            "a faulty template or rent roll, a date without data, or platform trouble; the detail says which.",
            "Do what the detail below says, for example replace the file.",
            "Then " + _CLEAR_EN,
            "If it is urgent, trigger {subject} in Airflow by its form.",
        ),
    ),
    Cause.REPORT_FINDING: Words(
        "report to be looked at: {subject}",
        _ja(
            "{target} の帳票に確認が必要な項目があります: {subject}。",
            "管理システムの記録の不整合、または説明のつかない差異。",
            "「詳細」と、作成されたファイルの内容を確認してください。",
            "管理システムの担当者に、ID と件数で確認を依頼してください(氏名は送らないでください)。",
            seen="{target} の数値です。帳票は作成済みです。",
        ),
        _en(
            "A report of {target} has something to be looked at: {subject}.",
            "contradicting records in the property-management system, or a difference that nothing explains.",
            "Read the detail below and the files of the report.",
            "Ask the property-management side about the records, by ids and counts and without names.",
            seen="the figures of {target}; the report was made.",
        ),
    ),
    Cause.ENRICHMENT: Words(
        "nationality not guessed: {subject}",
        _ja(
            "{target} の国籍の推定が一部または全部行われていません: {subject}。",
            "言語モデルの廃止・制限・設定、推定の正答率の低下、またはデータベースの不調。「詳細」をご確認ください。",
            "「詳細」の指示に従ってください。急ぐ必要はありません(残りは次の実行で推定されます)。",
            "言語モデルが廃止された場合は、設定 gghouse.nationality_model を別のモデルに変更するか、空にしてください。",
            "公開済みの数値は変わりません。今後の推定は、次の日付の数値から反映されます。",
            seen="{target} の数値です。国籍の記録がない入居者は、推定済みの場合を除き「その他」と表示されます。",
        ),
        _en(
            "Nationalities were not guessed for {target}, or not all of them: {subject}.",
            "the language model is retired, limited or misconfigured, a source is too often wrong, or the database "
            "failed; the detail says which.",
            "Do what the detail below says. There is no hurry: the next run asks what is missing.",
            "If the language model is retired, set gghouse.nationality_model to another one, or empty it.",
            "Published figures stay as they are: guesses that are made from now on count from the next date.",
            seen="the figures of {target}; tenants without a recorded nationality are shown as Other "
            "where no earlier guess exists.",
        ),
    ),
}

# The two deadlines of the day, by the subject of the incident.
LATE = {
    "gold": Words(
        "late: figures not ready at {due}",
        _ja(
            "{target} の数値が、期限の {due} までに公開されていません"
            f"(ダッシュボードの期限は {clock(DASHBOARDS_DUE)} です)。",
            "{reason}",
            *_LATE_STEPS_JA,
        ),
        _en(
            "The figures of {target} were not published by their deadline, {due} JST; "
            f"the dashboards are due at {clock(DASHBOARDS_DUE)}.",
            "{reason}",
            *_LATE_STEPS_EN,
        ),
    ),
    "dashboards": Words(
        "late: dashboards not ready at {due}",
        _ja(
            "{target} のダッシュボードが、期限の {due} までに更新されていません。",
            "{reason}",
            *_LATE_STEPS_JA,
            "必要に応じて、閲覧者に更新の遅れを連絡してください。",
        ),
        _en(
            "The dashboards of {target} were not refreshed by their deadline, {due} JST.",
            "{reason}",
            *_LATE_STEPS_EN,
            "If needed, inform the readers that today's figures are late.",
        ),
    ),
}


def words_of(cause: Cause, subject: str) -> Words:
    """Return the words of an alert class; those of a deadline depend on the subject of the incident."""
    return LATE.get(subject, WORDS[cause]) if cause is Cause.LATE else WORDS[cause]
