"""Writes what transformers makes of each conversation with each template into the golden file.

    pip install transformers==5.24.0 jinja2==3.1.6
    python tests/real/chat_reference.py tests/golden/data/tokenizer/chatTemplates.json

The file names the templates, the conversations and the date; the script adds `texts`: per template, per conversation,
the text without and with the generation prompt, or null where the template refuses the messages.
"""

import datetime
import json
import sys

from transformers.utils import chat_template_utils


def render(template, messages, prompt):
    try:
        rendered, _ = chat_template_utils.render_jinja_template(
            conversations=[messages],
            chat_template=template["template"],
            add_generation_prompt=prompt,
            **template["tokens"],
        )
    except Exception as error:  # the template's own refusal, or an operation on a missing value
        print(f"{template['name']}: {error}", file=sys.stderr)
        return None
    return rendered[0]


def main(path):
    with open(path, encoding="utf-8") as file:
        golden = json.load(file)
    day = datetime.datetime.fromisoformat(golden["date"])

    class Clock:
        @staticmethod
        def now():
            return day

    chat_template_utils.datetime = Clock
    golden["texts"] = [
        [[render(template, messages, prompt) for prompt in (False, True)] for messages in golden["conversations"]]
        for template in golden["templates"]
    ]
    with open(path, "w", encoding="utf-8") as file:
        json.dump(golden, file, ensure_ascii=False, indent="\t")
        file.write("\n")


main(*sys.argv[1:])
