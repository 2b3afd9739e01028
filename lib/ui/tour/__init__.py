"""The guided tour's page."""
