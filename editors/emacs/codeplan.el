;;; codeplan.el --- Plans, code and verdicts for Python functions, offline -*- lexical-binding: t; -*-

;; Package-Requires: ((emacs "27.1"))
;; Keywords: languages, tools

;;; Commentary:

;; Commands for codeplan-server through eglot or lsp-mode, whichever runs in the buffer.
;; With eglot:
;;
;;     (load "/path/to/codeplan/editors/emacs/codeplan.el")
;;     (codeplan-eglot-setup)
;;     (add-hook 'python-mode-hook #'eglot-ensure)
;;
;; With lsp-mode (codeplan-lsp-setup) takes the place of (codeplan-eglot-setup), and lsp that of
;; eglot-ensure. No key is bound.

;;; Code:

(require 'seq)
(require 'subr-x)

(defvar eglot-server-programs)
(defvar lsp-mode)
(defvar lsp--cur-workspace)
(declare-function eglot-current-server "eglot")
(declare-function eglot--path-to-uri "eglot")
(declare-function eglot-path-to-uri "eglot")
(declare-function jsonrpc-async-request "jsonrpc")
(declare-function lsp-register-client "lsp-mode")
(declare-function make-lsp-client "lsp-mode")
(declare-function lsp-stdio-connection "lsp-mode")
(declare-function lsp-activate-on "lsp-mode")
(declare-function lsp-find-workspace "lsp-mode")
(declare-function lsp-request-async "lsp-mode")
(declare-function lsp--path-to-uri "lsp-mode")

(defgroup codeplan nil
  "Plans, code and verdicts for Python functions."
  :group 'tools)

(defcustom codeplan-server-command '("codeplan-server")
  "The server's command line."
  :type '(repeat string))

(defcustom codeplan-seconds 3600
  "Seconds after which the answer to a command is no longer waited for."
  :type 'number)

;;;###autoload
(defun codeplan-eglot-setup ()
  "Let eglot start codeplan-server for Python files."
  (with-eval-after-load 'eglot
    (add-to-list 'eglot-server-programs
                 (cons '(python-mode python-ts-mode) codeplan-server-command))))

;;;###autoload
(defun codeplan-lsp-setup ()
  "Let lsp-mode start codeplan-server for Python files, beside other servers."
  (with-eval-after-load 'lsp-mode
    (lsp-register-client
     (make-lsp-client :new-connection (lsp-stdio-connection (lambda () codeplan-server-command))
                      :activation-fn (lsp-activate-on "python")
                      :server-id 'codeplan
                      :add-on? t))))

;;;###autoload
(defun codeplan-plan ()
  "Write the function at point: plans, code, verdicts.  Verified code is inserted."
  (interactive)
  (codeplan--ask "planThenCode" (codeplan--place)))

(defun codeplan-plans ()
  "Choose among plans for the function at point; write code from the chosen one."
  (interactive)
  (let ((buffer (current-buffer))
        (place (codeplan--place)))
    (codeplan--ask
     "showPlans" place
     (lambda (result)
       (let ((plans (append (codeplan--get result "plans") nil)))
         (when plans
           (with-current-buffer buffer (codeplan--choose plans place))))))))

(defun codeplan-from-plan (&optional beg end)
  "Code from the plan below \"# Plan:\" in the function at point.
With an active region the lines between BEG and END are the plan."
  (interactive (and (use-region-p) (list (region-beginning) (region-end))))
  (let ((plan (and beg (codeplan--steps (buffer-substring-no-properties beg end)))))
    (codeplan--ask "codeFromPlan"
                   (append (codeplan--place) (and plan (list :plan (vconcat plan)))))))

(defun codeplan-next ()
  "The next verified candidate in place of the inserted one."
  (interactive)
  (codeplan--ask "nextCandidate" (codeplan--place)))

(defun codeplan-repair ()
  "Make code that passes from the function at point whose examples fail."
  (interactive)
  (codeplan--ask "repair" (codeplan--place)))

(defun codeplan-examples (&optional all)
  "Run the examples of the function at point; with a prefix, ALL of the file."
  (interactive "P")
  (codeplan--ask "runExamples" (if all (codeplan--document) (codeplan--place))))

(defun codeplan-file ()
  "Write every function of the file that waits for a body."
  (interactive)
  (codeplan--ask "solveFile" (codeplan--document)))

(defun codeplan-cancel (&optional all)
  "Stop what is running for this buffer; with a prefix, ALL that is running."
  (interactive "P")
  (codeplan--ask "cancel" (if all nil (codeplan--document))
                 (lambda (result)
                   (when (eql 0 (codeplan--get result "cancelled"))
                     (message "codeplan: nothing was running")))))

(defun codeplan-status ()
  "Say what the server is and does."
  (interactive)
  (codeplan--ask "status" nil
                 (lambda (result)
                   (let ((backend (codeplan--get result "backend")))
                     (message "codeplan-server %s, model %s, sandbox %s, %d running"
                              (codeplan--get result "version")
                              (codeplan--get backend "model")
                              (codeplan--get result "sandbox")
                              (length (codeplan--get result "works")))))))

(defun codeplan--document ()
  "The command's argument for this buffer."
  (let ((path (or (buffer-file-name) (user-error "Codeplan works on files"))))
    (list :uri (cond ((bound-and-true-p lsp-mode) (lsp--path-to-uri path))
                     ((fboundp 'eglot-path-to-uri) (eglot-path-to-uri path))
                     (t (eglot--path-to-uri path))))))

(defun codeplan--place ()
  "The command's argument for the function at point."
  ;; The indentation is spaces or tabs: its length is the same in every encoding of positions.
  (append (codeplan--document)
          (list :position
                (list :line (1- (line-number-at-pos nil t))
                      :character (save-excursion
                                   (back-to-indentation)
                                   (- (point) (line-beginning-position)))))))

(defun codeplan--ask (command argument &optional then)
  "Have the server do COMMAND with ARGUMENT; call THEN with its answer.
Does not wait.  The server itself says what was done, unless it was cancelled."
  (let ((params (list :command (concat "codeplan." command)
                      :arguments (if argument (vector argument) [])))
        (done (lambda (result)
                (when (equal (codeplan--get result "outcome") "cancelled")
                  (message "codeplan: %s" (codeplan--get result "message")))
                (funcall (or then #'ignore) result)))
        (failed (lambda (text) (message "codeplan: %s" text))))
    (cond
     ((bound-and-true-p lsp-mode)
      (let ((lsp--cur-workspace
             (or (lsp-find-workspace 'codeplan (buffer-file-name))
                 (user-error "Codeplan's server does not run in this buffer"))))
        (lsp-request-async "workspace/executeCommand" params done
                           :mode 'detached
                           :error-handler (lambda (err)
                                            (funcall failed (codeplan--get err "message"))))))
     ((and (fboundp 'eglot-current-server) (eglot-current-server))
      (jsonrpc-async-request
       (eglot-current-server) :workspace/executeCommand params
       :success-fn done
       :error-fn (lambda (err) (funcall failed (plist-get err :message)))
       ;; Sent after the changes that eglot holds back.
       :deferred (intern command)
       :timeout codeplan-seconds))
     (t (user-error "Codeplan's server does not run in this buffer: M-x eglot or M-x lsp")))))

(defun codeplan--choose (plans place)
  "Let the user choose among PLANS, and write code from the chosen one at PLACE."
  (let* ((labels (seq-map-indexed
                  (lambda (plan index)
                    (cons (format "%d [%s] %s" (1+ index) (codeplan--get plan "verdict")
                                  (mapconcat #'identity (codeplan--get plan "steps") " / "))
                          plan))
                  plans))
         (chosen (completing-read "Plan: " labels nil t))
         (plan (cdr (assoc chosen labels))))
    (when plan
      (codeplan--ask "codeFromPlan"
                     (append place (list :plan (vconcat (codeplan--get plan "steps"))))))))

(defun codeplan--get (object key)
  "Field KEY of OBJECT, a plist of eglot's or a hash table of lsp-mode's."
  (if (hash-table-p object)
      (gethash key object)
    (plist-get object (intern (concat ":" key)))))

(defun codeplan--steps (text)
  "TEXT's lines as a plan: no comment signs, numbers or heading \"Plan:\"."
  (seq-remove
   (lambda (step) (member (downcase step) '("" "plan:")))
   (mapcar (lambda (line)
             (string-trim
              (replace-regexp-in-string
               "\\`\\(?:[0-9]+[.)]\\|[-*]\\)[ \t]+" ""
               (replace-regexp-in-string "\\`[ \t]*#*[ \t]*" "" line))))
           (split-string text "\n"))))

(provide 'codeplan)
;;; codeplan.el ends here
