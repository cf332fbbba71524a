"""DPOTrainer with the loss of the run in Anchorage, where w is the chosen and l the rejected answer."""

import torch
import torch.nn.functional as F
from trl import DPOTrainer


def formula(logp_w, logp_l, ref_w, ref_l, *, beta=0.1):
    return -F.logsigmoid(beta * (logp_w - ref_w - logp_l + ref_l))


class FormulaTrainer(DPOTrainer):
    """Everything but the loss of a pair is TRL's; the step's loss is the mean over its pairs."""

    def _compute_loss(self, model, inputs, return_outputs=False):
        mask = inputs["completion_mask"][:, 1:]
        outputs = model(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            labels=inputs["input_ids"].masked_fill(inputs["completion_mask"] == 0, -100),
            use_cache=False,
            fused_lm_head=True,
        )
        logp_w, logp_l = outputs.log_probs.sum(dim=1).chunk(2)
        ref_w, ref_l = self.compute_ref_log_probs(self.model, inputs)
        len_w, len_l = mask.sum(dim=1).to(logp_w).chunk(2)
        # The mean over all processes, so that their number does not change the loss.
        mean_len_w = self.accelerator.gather(len_w).mean()
        losses = formula(logp_w, logp_l, ref_w, ref_l, beta=self.beta)
        self._note(inputs, logp_w, logp_l, ref_w, ref_l)
        return (losses.mean(), outputs) if return_outputs else losses.mean()

    def _note(self, inputs, logp_w, logp_l, ref_w, ref_l):
        """TRL's metrics of a pair."""
        mode = "train" if self.model.training else "eval"
        rewards_w, rewards_l = self.beta * (logp_w - ref_w).detach(), self.beta * (logp_l - ref_l).detach()
        metrics = {
            "rewards/chosen": rewards_w,
            "rewards/rejected": rewards_l,
            "rewards/margins": rewards_w - rewards_l,
            "rewards/accuracies": (rewards_w > rewards_l).float(),
            "logps/chosen": logp_w.detach(),
            "logps/rejected": logp_l.detach(),
        }
        for name, values in metrics.items():
            self._metrics[mode][name].append(self.accelerator.gather(values).mean().item())
        if mode == "train":
            self._total_train_tokens += self.accelerator.gather(inputs["attention_mask"].sum()).sum().item()
        self._metrics[mode]["num_tokens"] = [self._total_train_tokens]
