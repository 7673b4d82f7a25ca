"""Find out whether the audit log tells of streamed completions where it tells of others."""

import re
from collections import Counter
from dataclasses import dataclass, field

from assisters_verify.contract.audit import Days, Log, read_log
from assisters_verify.contract.completions import CHAT, chat_body
from assisters_verify.contract.keys import CreatedKey, temporary_key
from assisters_verify.contract.waiting import ask_until
from assisters_verify.judgement import Broken, NotApplicable, Undecided
from assisters_verify.probe import Probe

_PAUSES_S = (0.3, 0.7, 1.5, 2.5)
# A log that tells of a key's use once in a while seems to leave something out; it would have to do so every time.
_ROUNDS = 2


@dataclass(slots=True)
class _KeyLog:
    """What the log tells of one key, which nothing but this check uses. `told` are the entries that were counted."""

    probe: Probe
    days: Days
    key: CreatedKey
    log: Log
    told: Counter[str] = field(default_factory=Counter)

    async def count_new(self, at_least: int = 0) -> int:
        """Return how many of its entries are new since it was last asked, as soon as there are so many."""

        async def read() -> int:
            self.log = await read_log(self.probe, self.days)
            return (self._of_key() - self.told).total()

        count = await ask_until(read, lambda found: found >= at_least, pauses_s=_PAUSES_S)
        self.told = self._of_key()
        return count

    def _of_key(self) -> Counter[str]:
        ways = (self.key.id, self.key.name, self.key.secret)
        # A masked key shows its end.
        sign = re.compile("|".join([*map(re.escape, ways), rf"[*.…•]{re.escape(self.key.secret[-4:])}\b"]))
        return Counter(text for text in self.log.texts if sign.search(text))


async def expect_streams_told(probe: Probe, days: Days) -> None:
    """Judge that a streamed completion makes an entry, where plain ones before and after it do.

    Raises Broken, NotApplicable where the log does not tell of each completion by its key, and Undecided where a key
    cannot be made, or nothing completed with it.
    """
    async with temporary_key(probe) as key:
        log = _KeyLog(probe, days, key, await read_log(probe, days))
        await log.count_new()
        for _ in range(_ROUNDS):
            await _complete(probe, key)
            usual = await log.count_new(at_least=1)
            await _complete(probe, key, stream=True)
            if usual and await log.count_new(at_least=1):
                return
            await _complete(probe, key)
            if not usual or not (told := await log.count_new(at_least=usual + 1)):
                raise NotApplicable("the log does not tell of each completion by its key", answer=log.log.answer)
            if told > usual:  # late
                return
    raise Broken(
        expected="entries of a key's streamed completions, as of those that were not streamed",
        received=f"entries of the latter alone, {told} of the last; {len(log.log.entries)} in all",
        answer=log.log.answer,
    )


async def _complete(probe: Probe, key: CreatedKey, *, stream: bool = False) -> None:
    body = await chat_body(probe, **({"stream": True} if stream else {}))
    label = "streamed, with a created key" if stream else "with a created key"
    answer = await probe.post(CHAT, body, key=key.secret, is_stream=stream, label=label)
    if not answer.is_success:
        raise Undecided(f"nothing was completed {label}: {answer.describe()}", answer=answer)
