"""The policy evaluator as one long-lived child process. It fails closed: no verdict is a refusal."""

import json
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bootstrap.localcloud.aws.answers import AwsError, Fault
from bootstrap.processes import clean_environment
from bootstrap.toolchain.policy_engine import NODE

Document = Mapping[str, Any]


class PolicyEngine:
    """Speaks JSON lines with `engine.mjs`. The child ends when this process does: its input closes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None

    def evaluate(self, simulations: Sequence[Mapping[str, Any]]) -> list[bool]:
        """Whether each simulated request is allowed."""
        reply = self._ask({"evaluate": list(simulations)})
        results = reply.get("results")
        if not isinstance(results, list) or len(results) != len(simulations):
            raise AwsError(Fault.INTERNAL, f"The policies could not be evaluated: {reply.get('error', 'no answer')}")
        return [result == "Allowed" for result in results]

    def faults(self, kind: str, policy: Document) -> list[str]:
        """What is wrong with an `identity`, `resource` or `trust` policy."""
        reply = self._ask({"validate": kind, "policy": policy})
        if "errors" not in reply:
            return [str(reply.get("error", "it cannot be read"))]
        return [str(error) for error in reply["errors"]]

    def close(self) -> None:
        """End the child."""
        with self._lock:
            if self._child is not None:
                self._end(self._child)
            self._child = None

    def _ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        line = json.dumps(question)
        with self._lock:
            # A child that died is replaced once; the question is asked again, as evaluating changes nothing.
            answer = self._exchange(line) or self._exchange(line)
        if not answer:
            raise AwsError(Fault.INTERNAL, "The policy evaluator does not run.")
        return json.loads(answer)

    def _exchange(self, line: str) -> str:
        if self._child is None or self._child.poll() is not None:
            self._child = subprocess.Popen(
                [str(NODE), str(self._directory / "engine.mjs")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                env=clean_environment(),
            )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        try:
            self._child.stdin.write(line + "\n")
            self._child.stdin.flush()
            answer = self._child.stdout.readline()
        except OSError:
            answer = ""
        if not answer:
            self._end(self._child)
        return answer

    @staticmethod
    def _end(child: subprocess.Popen[str]) -> None:
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue
