"""What each alert class says: the part of a message that does not depend on the day."""

from __future__ import annotations

from dataclasses import dataclass

from include.alerts.causes import Cause


@dataclass(frozen=True)
class Words:
    """The words of one alert class; `{target}`, `{subject}`, `{step}`, `{dag}`, `{due}`, `{reason}` are filled in.

    Attributes:
        title: for the subject line, ASCII.
        what_ja, what_en: one sentence that says what is late or broken.
        cause_ja, cause_en: the likely cause.
        do_ja, do_en: what to do, in steps.
        seen_ja, seen_en: what readers see, if it is told as a warning.
    """

    title: str
    what_ja: str
    what_en: str
    cause_ja: str
    cause_en: str
    do_ja: tuple[str, ...]
    do_en: tuple[str, ...]
    seen_ja: str = "影響はありません。"
    seen_en: str = "no change; this does not touch their figures."

    def about(self, *, step_ja: str, **facts: str) -> Words:
        """Fill in the facts of one incident."""
        japanese = facts | {"step": step_ja}
        return Words(
            title=self.title.format(**facts).strip(" :"),
            what_ja=self.what_ja.format(**japanese),
            what_en=self.what_en.format(**facts),
            cause_ja=self.cause_ja.format(**japanese),
            cause_en=self.cause_en.format(**facts),
            do_ja=tuple(line.format(**japanese) for line in self.do_ja),
            do_en=tuple(line.format(**facts) for line in self.do_en),
            seen_ja=self.seen_ja.format(**japanese),
            seen_en=self.seen_en.format(**facts),
        )


_CLEAR_JA = "Airflow で {step} を Clear(Downstream 付き)。"
_CLEAR_EN = "In Airflow, clear {step} with Downstream."

WORDS = {
    Cause.DUMP_MISSING: Words(
        title="dump missing",
        what_ja="{target} のダンプがまだ届いていません。",
        what_en="The dump of {target} has not arrived.",
        cause_ja="管理システム側の出力または転送が止まっている。",
        cause_en="the property-management side has not written or not delivered it.",
        do_ja=(
            "管理システムの担当者に {target} のダンプを依頼する。",
            "wait_for_dump が待機中なら、届けば自動で進む(操作不要)。",
            "wait_for_dump が赤なら、届いたあと Clear(Downstream 付き)。",
        ),
        do_en=(
            "Ask the property-management side for the dump of {target}.",
            "While wait_for_dump is waiting, the run goes on by itself once the dump is there.",
            "If wait_for_dump is red, clear it with Downstream once the dump is there.",
        ),
    ),
    Cause.DUMP_REJECTED: Words(
        title="dump rejected",
        what_ja="{target} のダンプに問題があり、取り込みを中止しました。",
        what_en="The dump of {target} is not what it should be and was not loaded.",
        cause_ja="ダンプの不備(途中で切れている、別の日の内容、件数の急減など)。どれかは下の「詳細」にある。",
        cause_en="a faulty dump (cut off, another day's content, far fewer rows ...); the detail below says which.",
        do_ja=(
            "下の「詳細」を管理システムの担当者に送り、出し直しを依頼する。",
            "正しいダンプが届いたら wait_for_dump を Clear(Downstream 付き)。",
            "内容が正しいと確認できた場合(本当に件数が減った等)は手順書を見る。",
        ),
        do_en=(
            "Send the detail below to the property-management side and have the dump delivered again.",
            "Once it is there, clear wait_for_dump with Downstream.",
            "If the content proves right (the rows really became fewer), see the runbook.",
        ),
    ),
    Cause.DATABASE: Words(
        title="database trouble",
        what_ja="データベースに接続できない、またはロック待ちで処理できませんでした({target})。",
        what_en="The database could not be reached, or held the work up with a lock ({target}).",
        cause_ja="Aurora の停止・再起動・負荷、または長いクエリによるロック。",
        cause_en="Aurora is down, restarting or overloaded, or a long query holds a lock.",
        do_ja=(
            "手順書の「Check」で接続とロックを確認する。",
            "データベースが応答したら " + _CLEAR_JA,
            "15 分たっても応答がなければ AWS 担当に連絡する。",
        ),
        do_en=(
            "Check connection and locks as the runbook says.",
            _CLEAR_EN.replace("In Airflow,", "Once the database answers,"),
            "If it does not answer within 15 minutes, call whoever runs AWS.",
        ),
    ),
    Cause.DBT: Words(
        title="dbt failed: {subject}",
        what_ja="{target} の数値の作成・検査で失敗しました(dbt: {subject})。何も公開していません。",
        what_en="A dbt model or test failed for {target} ({subject}); nothing was published.",
        cause_ja="ソースデータの異常、またはモデルの不具合。該当する行は下の「詳細」にある。",
        cause_en="odd source data, or a fault in a model; the rows that were found are in the detail below.",
        do_ja=(
            "下の「詳細」で、どの検査がどの行を見つけたかを見る。",
            "データの誤りなら管理システムの担当者に、モデルの誤りなら開発者に連絡する。",
            "直したあと " + _CLEAR_JA,
        ),
        do_en=(
            "See in the detail below which test found which rows.",
            "Wrong data: tell the property-management side. Wrong model: tell the developers.",
            "Once it is mended, clear {step} with Downstream.",
        ),
    ),
    Cause.QUICKSIGHT: Words(
        title="QuickSight refresh failed",
        what_ja="{target} の QuickSight の更新に失敗しました。データベース上の数値は完成しています。",
        what_en="QuickSight did not take in the figures of {target}; in the database they are complete.",
        cause_ja="QuickSight の取り込みエラー、または 24 時間の更新回数の上限。",
        cause_en="an ingestion error of QuickSight, or its limit of refreshes in 24 hours.",
        do_ja=(
            "下の「詳細」にある QuickSight のエラーを確認する。",
            "赤い refresh_quicksight だけを Clear する(Downstream 付き)。",
        ),
        do_en=(
            "See QuickSight's own error in the detail below.",
            "Clear only the red refresh_quicksight, with Downstream.",
        ),
    ),
    Cause.PERMISSIONS: Words(
        title="access denied",
        what_ja="権限が足りず、{target} の処理が止まりました。",
        what_en="The run of {target} was refused access.",
        cause_ja="IAM ロール、データベースユーザー、またはシークレットの変更・期限切れ。",
        cause_en="a changed IAM role, database user or secret.",
        do_ja=(
            "下の「詳細」の操作名とユーザー名を AWS 担当に送る。",
            "権限が戻ったら " + _CLEAR_JA,
        ),
        do_en=(
            "Send the action and user named in the detail below to whoever runs AWS.",
            _CLEAR_EN.replace("In Airflow,", "Once access is back,"),
        ),
    ),
    Cause.LATE: Words(
        title="late: {subject}",
        what_ja="{target} の処理が {due} までに終わっていません。",
        what_en="The run of {target} was not finished by {due} JST.",
        cause_ja="{reason}",
        cause_en="{reason}",
        do_ja=(
            "Airflow の画面を開き、どのタスクが赤い・待機中・実行中かを見る。",
            "赤なら、そのタスクのメールに従う。",
            "待機中なら、管理システムの担当者にダンプを依頼する。",
            "実行中なら、終わるのを待つ(回復のメールが届く)。",
        ),
        do_en=(
            "Open the run in Airflow: which task is red, waiting or running?",
            "Red: do what that task's own mail says.",
            "Waiting: ask the property-management side for the dump.",
            "Running: wait; a mail says when it is well again.",
        ),
    ),
    Cause.STALE_DATA: Words(
        title="stale data: {subject}",
        what_ja="データが更新されていません: {subject}({target} 時点)。",
        what_en="The data of {subject} are stale as of {target}.",
        cause_ja="新しい日付のファイルに古い内容が入っている、または元のシステムの更新が止まっている。",
        cause_en="a new file with old content, or the source system has stopped being updated.",
        do_ja=(
            "管理システムの担当者に、そのデータがいつ更新されたかを確認する。",
            "正しいダンプが届いたら、gghouse_daily を {target} で実行し直す。",
            "止まっているのが正しい場合は手順書を見る。",
        ),
        do_en=(
            "Ask the property-management side when those data were last changed.",
            "Once the right dump is there, run gghouse_daily again for {target}.",
            "If the source has rightly stopped, see the runbook.",
        ),
    ),
    Cause.PLATFORM: Words(
        title="{step} of {dag} failed",
        what_ja="{dag} の {step} が失敗しました({target})。",
        what_en="{step} of {dag} failed ({target}).",
        cause_ja="基盤側の問題(メモリ不足、設定の誤り、プログラムの不具合など)。",
        cause_en="the platform itself: memory, a setting, or a fault in the program.",
        do_ja=(
            "下の「詳細」とタスクのログを見る。",
            _CLEAR_JA,
            "もう一度失敗したら開発者に連絡する。",
        ),
        do_en=(
            "See the detail below and the log of the task.",
            _CLEAR_EN,
            "If it fails again, tell the developers.",
        ),
    ),
    Cause.QUICKSIGHT_ROWS: Words(
        title="QuickSight lacks rows of {subject}",
        what_ja="QuickSight のデータセット {subject} の件数が gold と一致しません({target})。",
        what_en="QuickSight's data set {subject} does not hold the rows of gold ({target}).",
        cause_ja="列の型に合わない値を QuickSight が取り込まなかった、または取り込み中に gold が更新された。",
        cause_en="QuickSight skips rows whose values do not fit a column's type; or gold changed during the refresh.",
        do_ja=(
            "下の「詳細」の件数を確認する。",
            "QuickSight の Datasets → {subject} → Refresh で、取り込まれなかった行とその理由を見る。",
            "列の型を直すか、開発者に連絡する。直したあと、そのデータセットの refresh_quicksight だけを Clear する。",
        ),
        do_en=(
            "See the counts in the detail below.",
            "In QuickSight, open Datasets, {subject}, Refresh: it lists the skipped rows and why.",
            "Mend the column's type, or tell the developers; then clear only refresh_quicksight of that data set.",
        ),
        seen_ja="{target} の数値。ただし {subject} の図表には取り込まれなかった行が含まれません。",
        seen_en="the figures of {target}, but what is drawn from {subject} lacks those rows.",
    ),
    Cause.REJECTED_ROWS: Words(
        title="rows rejected: {subject}",
        what_ja="{target} のダンプに主キーの重複があり、登録済みの件数を超える行を取り込みませんでした: {subject}。",
        what_en="The dump of {target} holds keys twice, in more rows than are known of the source: {subject}.",
        cause_ja="管理システム側で同じ主キーの行が増えた、または同じ行が二度出力された。",
        cause_en="the source has new rows with a key that another row has, or wrote some rows twice.",
        do_ja=(
            "下の「詳細」で、どのテーブルで何行か、いつからかを見る。",
            "テーブル名と件数を管理システムの担当者に伝え、重複の解消を依頼する(行の中身は送らない)。",
            "問題ないと確認できた件数は include/dump/contract.py の KNOWN_DUPLICATES に登録する。",
        ),
        do_en=(
            "See in the detail below which tables, how many rows, and since when.",
            "Tell the property-management side the tables and counts, not the rows, and have the keys put right.",
            "What proves harmless is declared in KNOWN_DUPLICATES of include/dump/contract.py.",
        ),
        seen_ja="{target} の数値になる。同じ主キーの行は最初の一行だけが集計に入る。",
        seen_en="the figures of {target}, once they are published; of rows with one key only the first is in them.",
    ),
}

LATE = {
    "gold": Words(
        title="late: figures not ready at {due}",
        what_ja="{target} の数値が {due} までに完成していません(ダッシュボードの期限は 08:00)。",
        what_en="The figures of {target} were not ready by {due} JST; the dashboards are due at 08:00.",
        cause_ja=WORDS[Cause.LATE].cause_ja,
        cause_en=WORDS[Cause.LATE].cause_en,
        do_ja=WORDS[Cause.LATE].do_ja,
        do_en=WORDS[Cause.LATE].do_en,
    ),
    "dashboards": Words(
        title="late: dashboards not ready at {due}",
        what_ja="{target} のダッシュボードが {due} の期限に間に合いませんでした。",
        what_en="The dashboards of {target} missed their deadline of {due} JST.",
        cause_ja=WORDS[Cause.LATE].cause_ja,
        cause_en=WORDS[Cause.LATE].cause_en,
        do_ja=("必要なら閲覧者に遅れを知らせる。", *WORDS[Cause.LATE].do_ja),
        do_en=("If need be, tell the readers that today's figures are late.", *WORDS[Cause.LATE].do_en),
    ),
}
"""The two promises of the day (domain 7.1), by the subject of the incident."""
