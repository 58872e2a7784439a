"""From conversations to tokens: chat templates, styles of tool calls, loss masks."""
