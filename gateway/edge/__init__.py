"""The layers in front of the framework: request id, paths as they were sent, who calls, one log line."""
