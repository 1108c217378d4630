"""What several tests share: how to start the processes that they talk to."""

import os

from tests.support.simulator import ACCESS_KEY_ID, ACCESS_KEY_SECRET

os.environ |= {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": ACCESS_KEY_ID,
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ACCESS_KEY_SECRET,
    "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
}
"""Before the SDK is imported, which reads them then: nothing here may look for credentials elsewhere."""
