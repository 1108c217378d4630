"""``ACS::GitCodeRepo``."""

from caboose.oos.actions.declaration import CICD, Action, Property
from caboose.oos.actions.kinds import TEXT

GIT_CODE_REPO = Action(
    name="ACS::GitCodeRepo",
    kind=CICD,
    summary="Makes the URL by which a repository can be fetched.",
    source="https://help.aliyun.com/zh/oos/user-guide/generate-git-repository-address-acs-gitcoderepo",
    properties={
        "Platform": Property(TEXT, required=True, values=("github", "gitee"), description="Where the repository is."),
        "Owner": Property(TEXT, required=True, description="Whose it is."),
        "Organization": Property(TEXT, description="The organization it belongs to."),
        "Repository": Property(TEXT, required=True, description="Its name."),
    },
    result="The URL, in which a key stands for a while.",
    result_fields=("AuthorizedUrl",),
)
