"""Every refusal has one stable code and says what to do."""

from afterword.core import errors


def kinds():
    return [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.Problem)
        if kind is not errors.Problem
    ]


def test_each_code_belongs_to_one_kind_of_problem():
    codes = [kind.code for kind in kinds()]
    assert len(codes) == len(set(codes)) == 27


def test_a_problem_is_told_as_rfc_9457_has_it():
    assert errors.BadName("Please write your name.").as_json() == {
        "type": "urn:afterword:problem:bad_name",
        "title": "The name is not usable",
        "status": 400,
        "code": "bad_name",
        "detail": "Please write your name.",
        "fields": {"name": "Please write your name."},
    }
    assert "fields" not in errors.NotFound("No such comment.").as_json()
    assert errors.RateLimited("Please wait.", retry_after=5).retry_after == 5


def test_the_raiser_may_name_other_fields():
    assert errors.BadRequest("Not text.", field="quote").fields == {"quote": "Not text."}
    assert errors.BadUrl("No.", fields={"page": "Too long."}).fields == {"page": "Too long."}
