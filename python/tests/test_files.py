"""The text files and the wasm around the weights."""

import hashlib
import json

import pytest
from family import CONFIGS
from webllm.architecture import Architecture
from webllm.chat_config import CHATML, chat_config, prompt_text
from webllm.library import without_custom_sections
from webllm.manifest import write_manifest

TOKENS = {"<|im_start|>": 1, "<|im_end|>": 2}


def webllm_prompt(turns: list[str], template: dict) -> str:
    """Builds a prompt from a conversation template as WebLLM 0.2.86 does (`getPromptArrayInternal`)."""
    system = template["system_template"].replace("{system_message}", template["system_message"])
    text = system
    for i, turn in enumerate(turns):
        role = template["roles"]["user" if i % 2 == 0 else "assistant"] + template["role_content_sep"]
        if i == 0 and system and not template["add_role_after_system_message"]:
            role = ""
        text += role + turn + template["seps"][i % 2]
    return text + template["roles"]["assistant"] + template["role_empty_sep"]


@pytest.mark.parametrize("turns", [["Hi"], ["Hi", "Hello.", "Sort: b a"], ["1", "2", "3", "4", "5"]])
def test_the_template_gives_chatml_exactly(turns):
    assert webllm_prompt(turns, CHATML) == prompt_text(turns)


def test_a_turn_on_the_kept_cache_ends_the_answer_before_it():
    first, whole = prompt_text(["Hi"]) + "Hello.", prompt_text(["Hi", "Hello.", "Bye"])
    fed_last = CHATML["roles"]["user"] + CHATML["role_content_sep"] + "Bye" + CHATML["seps"][0]
    assert first + fed_last + CHATML["roles"]["assistant"] + CHATML["role_empty_sep"] == whole


def test_generation_stops_on_the_end_token():
    arch = Architecture.from_config(CONFIGS["llama"])
    config = chat_config(arch, "q0f32", TOKENS.get, 512, 256, [])
    assert config["conv_template"]["stop_token_ids"] == [2]
    assert config["model_config"]["head_dim"] == 16
    with pytest.raises(ValueError, match="im_end"):
        chat_config(arch, "q0f32", {}.get, 512, 256, [])


def test_the_manifest_has_no_dates_and_every_file(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"abc")
    write_manifest(tmp_path, ["a.bin"], {"id": "x"})
    first = (tmp_path / "manifest.json").read_bytes()
    write_manifest(tmp_path, ["a.bin"], {"id": "x"})
    assert (tmp_path / "manifest.json").read_bytes() == first
    assert json.loads(first)["files"] == [{"path": "a.bin", "bytes": 3, "sha256": hashlib.sha256(b"abc").hexdigest()}]


def test_parameters_are_counted_without_lora():
    config = {**CONFIGS["llama"], "num_hidden_layers": 1}
    attention, mlp, norms = (64 + 32 + 32 + 64) * 64, 3 * 96 * 64, 3 * 64
    assert Architecture.from_config(config).parameter_count == 96 * 64 + attention + mlp + norms


def test_custom_sections_go_and_the_others_stay():
    head = b"\0asm\1\0\0\0"
    custom, types = b"\x00\x05\x04name", b"\x01\x80\x01" + bytes(128)
    assert without_custom_sections(head + custom + types + custom) == head + types
