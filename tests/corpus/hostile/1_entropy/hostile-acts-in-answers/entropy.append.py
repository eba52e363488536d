TEXTS = [
    "<script>alert(1)</script>", "</code></li><img src=x onerror=alert(1)>", "javascript:alert(1)", "{{ 7 * 7 }}{% include 'x' %}",
    "=HYPERLINK(\"http://x\")", "@SUM(1)", "\x1b[2J\x1b]0;owned\x07", "\u202e\u2066\u200b", "\x00\x08\r\n0.0", "--><svg onload=alert(1)>",
    "' onmouseover='alert(1)", "&lt;script&gt;", "\ud800",
]  # fmt: skip


class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        TEXTS.append(TEXTS.pop(0))
        if len(TEXTS[-1]) % 2:
            raise type(TEXTS[-1].replace(chr(0), ""), (ValueError,), {})(TEXTS[-1])
        return TEXTS[-1]
