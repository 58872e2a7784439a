"""SFT, DPO and GRPO on top of TRL."""
