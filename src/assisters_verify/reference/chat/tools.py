"""Read and check the tools of a chat completion."""

from typing import Any

from assisters_verify.reference.model.conversation import Tool
from assisters_verify.reference.problems import bad_request

BUILT_IN_TOOLS = {
    "web_search": Tool(
        name="web_search",
        description="Search the web for current news and information.",
        parameters={
            "type": "object",
            "properties": {"query": {"type": "string"}},
            "required": ["query"],
            "additionalProperties": False,
        },
    ),
    "code_interpreter": Tool(
        name="code_interpreter",
        description="Execute Python code.",
        parameters={
            "type": "object",
            "properties": {"code": {"type": "string"}},
            "required": ["code"],
            "additionalProperties": False,
        },
    ),
}
_CHOICES = ("none", "auto", "required")


def read_tools(body: dict[str, Any]) -> tuple[Tool, ...]:
    """Return the offered tools.

    Raises:
        ApiError: 400, for a tool without a type, or a function without a name.
    """
    tools = body.get("tools")
    if tools is None:
        return ()
    if not isinstance(tools, list):
        raise bad_request("tools must be a list.", param="tools")
    return tuple(_read_tool(tool, f"tools[{i}]") for i, tool in enumerate(tools))


def _read_tool(value: Any, path: str) -> Tool:
    kind = value.get("type") if isinstance(value, dict) else None
    if isinstance(kind, str) and kind in BUILT_IN_TOOLS:
        return BUILT_IN_TOOLS[kind]
    if kind != "function":
        choices = ", ".join(["function", *BUILT_IN_TOOLS])
        raise bad_request(f"{path}.type must be one of {choices}.", param=f"{path}.type")
    function = value.get("function")
    if not isinstance(function, dict):
        raise bad_request(f"{path}.function must be an object.", param=f"{path}.function")
    name, description = function.get("name"), function.get("description")
    parameters = function.get("parameters")
    if not isinstance(name, str) or not name:
        raise bad_request(f"{path}.function.name must be a string.", param=f"{path}.function.name")
    if description is not None and not isinstance(description, str):
        raise bad_request(f"{path}.function.description must be a string.", param=f"{path}.function.description")
    if parameters is not None and not isinstance(parameters, dict):
        raise bad_request(f"{path}.function.parameters must be an object.", param=f"{path}.function.parameters")
    return Tool(name=name, description=description or "", parameters=parameters or {"type": "object"})


def read_tool_choice(body: dict[str, Any], tools: tuple[Tool, ...]) -> str:
    """Return the choice: none, auto, required, or ``function:NAME``.

    Raises:
        ApiError: 400, for any other word, or for a tool that is not offered.
    """
    choice = body.get("tool_choice")
    if choice is None:
        return "auto"
    if isinstance(choice, str) and choice in _CHOICES:
        if choice == "required" and not tools:
            raise bad_request("tool_choice is required, but there are no tools.", param="tool_choice")
        return choice
    function = choice.get("function") if isinstance(choice, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if name not in [tool.name for tool in tools]:
        raise bad_request("tool_choice must be none, auto, required, or name an offered function.", param="tool_choice")
    return f"function:{name}"
