"""The vendors' own APIs through the gateway: byte for byte, but with the connection's credential."""
