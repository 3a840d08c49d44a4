--- The server's edits. Neovim answers "applied" to an edit for an older version of the buffer and
--- applies nothing; here such an edit is refused, so that the server makes it anew.
local client_of = require('codeplan.client')

local M = {}

--- Handler of workspace/applyEdit.
function M.handle(err, params, context, ...)
  local client = vim.lsp.get_client_by_id(context.client_id)
  for _, change in ipairs(params.edit.documentChanges or {}) do
    local document = change.textDocument
    if document and not change.kind then
      local bufnr = vim.uri_to_bufnr(document.uri)
      local problem = M.problem(bufnr, document.version)
      if problem then
        if client then
          -- A request makes Neovim send the changes that it holds back, before this answer.
          client_of.send(client, 'workspace/executeCommand', { command = 'codeplan.status' }, function() end, bufnr)
        end
        return { applied = false, failureReason = problem }
      end
      M.break_undo(bufnr)
    end
  end
  -- Without its label, which Neovim would print: the server says itself what was done.
  return vim.lsp.handlers['workspace/applyEdit'](err, { edit = params.edit }, context, ...)
end

--- Why an edit for this version can't be applied, or nil.
---@return string|nil
function M.problem(bufnr, version)
  if not vim.api.nvim_buf_is_loaded(bufnr) then
    return 'the buffer is not loaded'
  end
  if not vim.bo[bufnr].modifiable then
    return "the buffer is not modifiable ('nomodifiable')"
  end
  local known = vim.lsp.util.buf_versions[bufnr]
  if type(version) == 'number' and known and known ~= version then
    return 'the text has changed meanwhile'
  end
end

--- Let the edit be an undo step of its own, also while the user types.
function M.break_undo(bufnr)
  -- Setting 'undolevels' to what it is ends the current undo step (see :help undo-break).
  local levels = vim.bo[bufnr].undolevels
  vim.api.nvim_buf_call(bufnr, function()
    vim.bo[bufnr].undolevels = levels
  end)
end

return M
