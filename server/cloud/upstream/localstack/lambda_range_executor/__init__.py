"""LocalStack's Lambda, run by Lambda Range."""
