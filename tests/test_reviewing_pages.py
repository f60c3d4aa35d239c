"""The page of a review: of the run that is reviewed, and of no other. (Its files: the attacks.)"""

import pytest
from approving import Project

from visualdiff.errors import ReviewError
from visualdiff.reviewing.pages import Pages


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("pages"))
    project.run(single_file=True)
    return project


def test_a_report_that_is_written_anew_meanwhile_is_not_shown(project: Project) -> None:
    with pytest.raises(ReviewError, match="was written anew a moment ago; try again"):
        Pages(project.folder / "report", project.folder, "1f8adf2c7857")


def test_pictures_of_a_single_file_come_from_the_server_too(project: Project) -> None:
    review = project.review()
    page = b"".join(Pages(review.report, review.folder, review.run).render()).decode()
    assert "data:image/png" in (review.report / "index.html").read_text()
    assert "data:image/png" not in page
    assert "<title>visualdiff review</title>" in page


def test_only_a_served_page_may_talk_to_a_server(project: Project) -> None:
    review = project.review()
    pages = Pages(review.report, review.folder, review.run)
    assert "connect-src 'self'" in pages.policy
    assert "file:" not in pages.policy
    page = b"".join(pages.render()).decode()
    assert pages.policy.removesuffix("; frame-ancestors 'none'").replace("'", "&#39;") in page
    assert "connect-src" not in (review.report / "index.html").read_text()
